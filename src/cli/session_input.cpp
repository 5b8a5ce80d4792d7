#include "cli/session_input.hpp"

#include <poll.h>
#include <unistd.h>
#include <boost/asio/detached.hpp>

#include <string_view>
#include <utility>

namespace sbx::cli {
namespace {

constexpr std::size_t chunk_bytes = 4096;
// What was typed while the line editor had the terminal has these as they are.
constexpr char end_key = '\x04';
constexpr std::string_view line_ends = "\n\r\x04";

}  // namespace

SessionInput::SessionInput(SessionLoop& loop, ProgramIo& streams)
    : loop_(loop), streams_(streams), state_(std::make_shared<State>(loop.executor()))
{
}

SessionInput::~SessionInput()
{
    streams_.stop_reading();
}

SessionInput::Got SessionInput::take(char& byte)
{
    const Got got = peek(byte);
    if (got == Got::byte) ++state_->next;
    return got;
}

SessionInput::Got SessionInput::peek(char& byte)
{
    State& state = *state_;
    const auto is_known = [&] { return state.next < state.bytes.size() || state.is_over; };
    if (!is_known()) start_reading();
    if (!loop_.run_until(is_known)) return Got::interrupted;
    if (state.next == state.bytes.size()) return Got::end;
    byte = state.bytes[state.next];
    return Got::byte;
}

void SessionInput::start_reading()
{
    if (std::exchange(state_->is_reading, true)) return;
    asio::co_spawn(loop_.executor(), fill(state_, streams_), asio::detached);
}

asio::awaitable<void> SessionInput::fill(std::shared_ptr<State> state, ProgramIo& streams)
{
    std::string chunk(chunk_bytes, '\0');
    const Result<std::size_t> count = co_await streams.read(chunk);
    state->is_reading = false;
    state->is_over = !count || *count == 0;
    state->bytes.erase(0, state->next);
    state->bytes.append(chunk, 0, count ? *count : 0);
    state->next = 0;
    state->changed.notify_all();
}

asio::awaitable<void> SessionInput::wait(std::function<bool()> done, std::optional<Condition::TimePoint> until)
{
    const std::shared_ptr<State> state = state_;  // this may be gone before
    while (!done() && !state->is_over && !(until && Condition::TimePoint::clock::now() >= *until)) {
        start_reading();
        co_await state->changed.wait(until);
    }
}

bool SessionInput::has_line() const
{
    return state_->is_over || state_->bytes.find_first_of(line_ends, state_->next) != std::string::npos;
}

std::string SessionInput::take_line()
{
    State& state = *state_;
    const std::size_t end = state.bytes.find_first_of(line_ends, state.next);
    const bool is_whole = end != std::string::npos;
    std::string line = state.bytes.substr(state.next, is_whole ? end - state.next : end);
    state.next = is_whole ? end + 1 : state.bytes.size();
    if (is_whole && state.bytes[end] != end_key) line += '\n';
    if (!is_whole && line.empty()) state.is_over = false;
    return line;
}

bool SessionInput::is_waiting() const
{
    pollfd wanted{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    return state_->next < state_->bytes.size() || ::poll(&wanted, 1, 0) > 0;
}

void SessionInput::drop()
{
    state_->next = state_->bytes.size();
}

}  // namespace sbx::cli
