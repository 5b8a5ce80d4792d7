#include "cli/session_input.hpp"

#include <poll.h>
#include <unistd.h>
#include <boost/asio/detached.hpp>

namespace sbx::cli {
namespace {

constexpr std::size_t chunk_bytes = 4096;

}  // namespace

SessionInput::SessionInput(SessionLoop& loop, ProgramIo& streams) : loop_(loop), streams_(streams) {}

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
    if (!is_known() && !state.is_reading) {
        state.is_reading = true;
        asio::co_spawn(loop_.executor(), fill(state_, streams_), asio::detached);
    }
    if (!loop_.run_until(is_known)) return Got::interrupted;
    if (state.next == state.bytes.size()) return Got::end;
    byte = state.bytes[state.next];
    return Got::byte;
}

asio::awaitable<void> SessionInput::fill(std::shared_ptr<State> state, ProgramIo& streams)
{
    std::string chunk(chunk_bytes, '\0');
    const Result<std::size_t> count = co_await streams.read(chunk);
    state->is_reading = false;
    state->is_over = !count || *count == 0;
    if (state->is_over) co_return;
    chunk.resize(*count);
    state->bytes = std::move(chunk);
    state->next = 0;
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
