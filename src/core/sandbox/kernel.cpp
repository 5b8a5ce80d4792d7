#include "core/sandbox/kernel.hpp"

#include "core/random.hpp"
#include "core/sandbox/detached.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>

namespace sbx {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t requests = 3;
constexpr std::uint8_t answers = 4;
constexpr auto idle_answer = 100ms;  ///< an idle kernel answers within this
constexpr auto interrupt_interval = 500ms;
constexpr auto patience_with_code = 5s;  ///< that does not heed an interrupt
constexpr auto longest_start = 60s;
constexpr int most_starts = 3;
constexpr std::size_t last_words_bytes = 1024;

/// Keeps the answer to a question; what code prints meanwhile belongs to nobody.
struct AnswerKeeper : KernelReader {
    explicit AnswerKeeper(KernelAnswerType type) : wanted(type) {}
    asio::awaitable<void> on_output(OutputStream /*stream*/, std::span<const char> /*bytes*/) override { co_return; }
    asio::awaitable<void> on_answer(const KernelAnswer& answer) override
    {
        if (answer.type == wanted) kept = answer;
        co_return;
    }

    KernelAnswerType wanted;
    std::optional<KernelAnswer> kept;
};

}  // namespace

KernelSession::KernelSession(AgentLink& link, KernelPlace place) : link_(link), place_(std::move(place)) {}

KernelSession::KernelSession(AgentLink& link, KernelPlace place, Turns& turns)
    : link_(link), place_(std::move(place)), turns_(&turns), taker_(turns.new_client())
{
}

KernelSession::~KernelSession()
{
    leave();
}

void KernelSession::start_with(std::vector<std::string> environment, std::string directory)
{
    place_.environment = std::move(environment);
    place_.directory = std::move(directory);
}

asio::awaitable<Result<std::unique_ptr<KernelTurn>>> KernelSession::take_turn(bool restart,
                                                                              std::optional<Clock::time_point> until,
                                                                              const bool& unwanted)
{
    const std::string kernel = fmt::format("{}-{}", place_.language, place_.context);
    std::unique_ptr<KernelTurn> turn;
    if (turns_ != nullptr)
        turn = std::make_unique<KernelTurn>(link_, *turns_, kernel, taker_);
    else
        turn = std::make_unique<KernelTurn>(link_, kernel, !restart && is_ours() ? stream_ : 0);
    const Result<void> come = co_await turn->come(until, unwanted);
    if (!come) co_return come.error();
    co_return std::move(turn);
}

/// The kernel goes on; so may the link.
void KernelSession::leave()
{
    settled_ = false;
    if (stream_ == 0) return;
    link_.abandon(std::exchange(stream_, 0));
    link_.flush();
}

asio::awaitable<void> KernelSession::close()
{
    leave();
    co_await link_.drain();
}

/// The agent tells whoever had the kernel when another takes it.
bool KernelSession::is_ours() const
{
    return settled_ && !interrupted_ && link_.outcome(stream_) == nullptr && !link_.is_over();
}

asio::awaitable<Result<void>> KernelSession::open(const KernelTurn& turn, bool restart)
{
    notice_.clear();
    violation_.clear();
    if (turn.is_presumed() || (!restart && is_ours())) co_return Result<void>();
    for (int tries = 0; tries < most_starts; ++tries) {
        const Result<std::optional<std::uint64_t>> found = co_await find();
        if (!found) co_return found.error();
        const bool fresh = !found->has_value();
        Result<std::uint64_t> process = found->value_or(0);
        if (fresh) process = co_await start();
        if (!process) co_return process.error();
        Result<void> done = co_await attach(*process);
        if (!done) co_return done;
        if (restart && !fresh) {
            done = co_await end_process();
            if (!done) co_return done;
            continue;
        }
        const Result<Found> settled = co_await settle(fresh);
        if (!settled) co_return settled.error();
        if (*settled == Found::idle) co_return Result<void>();
        if (fresh) co_return start_failure();
    }
    co_return start_failure();
}

asio::awaitable<Result<std::optional<std::uint64_t>>> KernelSession::find() const
{
    const Result<std::vector<wire::ProcessInfo>> all = co_await list_processes(link_);
    if (!all) co_return all.error();
    std::optional<std::uint64_t> found;
    for (const wire::ProcessInfo& process : *all)
        if (process.running && process.argv == place_.command) found = process.process;
    co_return found;
}

asio::awaitable<Result<std::uint64_t>> KernelSession::start() const
{
    wire::Spawn spawn;
    spawn.argv = place_.command;
    spawn.env = place_.environment;
    spawn.cwd = place_.directory;
    spawn.channels = {requests, answers};
    co_return co_await start_detached(link_, std::move(spawn));
}

asio::awaitable<Result<void>> KernelSession::attach(std::uint64_t process)
{
    leave();
    process_ = process;
    attached_ = false;
    gave_up_ = false;
    pending_.clear();
    lines_ = {};
    outgoing_.clear();
    last_words_.clear();
    wire::Attach attach;
    attach.process = process;
    attach.follow = true;
    attach.interrupt = true;
    stream_ = link_.owner().attach(attach);
    link_.attach_sink(stream_, *this);
    link_.flush();
    while (!attached_ && link_.outcome(stream_) == nullptr && !link_.is_over())
        co_await link_.changed().wait(std::nullopt);
    if (attached_) co_return Result<void>();
    const Result<Outcome> outcome = co_await link_.finish(stream_);
    if (!outcome) co_return outcome.error();
    if (const auto* failure = std::get_if<wire::Failure>(&*outcome)) co_return wire::to_error(*failure);
    co_return start_failure();
}

asio::awaitable<Result<KernelSession::Found>> KernelSession::settle(bool fresh)
{
    interrupted_ = false;
    // An interrupt would end an interpreter that is only starting.
    const Clock::time_point impatient = Clock::now() + (fresh ? Clock::duration(longest_start) : idle_answer);
    const Result<Found> found = co_await synchronise(impatient);
    if (!found || *found == Found::ended || !interrupted_) co_return found;
    // The last interrupt may have crossed the answer: this is what it then meets.
    co_return co_await synchronise(Clock::now() + interrupt_interval);
}

/// Drops all that comes until the answer to a harmless question. What still runs by `impatient` is interrupted.
asio::awaitable<Result<KernelSession::Found>> KernelSession::synchronise(Clock::time_point impatient)
{
    const std::string id = random_hex(8);
    nlohmann::json request = {{"type", "is_complete"}, {"code", ""}};
    outgoing_ += '\n';  // an earlier caller may have died in the middle of a line
    ask(std::move(request), id);
    const Clock::time_point give_up = impatient + patience_with_code;
    for (Clock::time_point until = impatient;; until = std::min(Clock::now() + interrupt_interval, give_up)) {
        const Result<KernelEnd> end = co_await converse(id, nullptr, until);
        if (!end) co_return end.error();
        if (end->done) co_return Found::idle;
        if (end->exit) co_return Found::ended;
        if (Clock::now() >= give_up) break;
        interrupt();
    }
    notice_ = "the kernel's earlier execution could not be interrupted: it was started anew, its variables are lost";
    const Result<void> ended = co_await end_process();
    if (!ended) co_return ended.error();
    co_return Found::ended;
}

asio::awaitable<Result<void>> KernelSession::end_process()
{
    kill();
    const Result<KernelEnd> end = co_await converse("", nullptr, std::nullopt);
    if (!end) co_return end.error();
    co_return Result<void>();
}

asio::awaitable<Result<KernelEnd>> KernelSession::execute(std::string code, CellInput input, KernelReader& reader)
{
    drop_pending();
    execution_ = random_hex(8);
    nlohmann::json request = {{"type", "execute"}, {"code", std::move(code)}};
    if (input.text) request["stdin"] = std::move(*input.text);
    if (input.asks) request["asks"] = true;
    ask(std::move(request), execution_);
    co_return co_await converse(execution_, &reader, std::nullopt);
}

void KernelSession::give_input(const std::string& text)
{
    nlohmann::json line = {{"type", "input"}, {"text", text}};
    ask(std::move(line), execution_);
    push();
}

asio::awaitable<Result<KernelAnswer>> KernelSession::question(nlohmann::json request, KernelAnswerType answer,
                                                              std::optional<Clock::time_point> until)
{
    drop_pending();
    const std::string id = random_hex(8);
    ask(std::move(request), id);
    AnswerKeeper keeper(answer);
    const Result<KernelEnd> end = co_await converse(id, &keeper, until);
    if (!end) co_return end.error();
    if (end->exit) co_return Error(Errc::unavailable, "the kernel ended: its variables are lost");
    if (!end->done) interrupt();
    if (!end->done) co_return Error(Errc::deadline_exceeded, "the kernel gives no answer");
    if (!keeper.kept) co_return Error(Errc::unavailable, "the kernel could not answer");
    co_return std::move(*keeper.kept);
}

/// What came since the last request belongs to none.
void KernelSession::drop_pending()
{
    for (const auto& [channel, bytes] : std::exchange(pending_, {})) {
        if (channel == answers) lines_.feed(bytes);
        link_.owner().consumed(stream_, channel, bytes.size());
    }
    while (lines_.next()) {
    }
}

/// Hands on what comes until the end of the request, or, without an id, of the kernel. Without a reader everything else
/// is dropped, whatever its form.
asio::awaitable<Result<KernelEnd>> KernelSession::converse(std::string id, KernelReader* reader,
                                                           std::optional<Clock::time_point> until)
{
    settled_ = false;
    Result<KernelEnd> end = co_await hear(std::move(id), reader, until);
    settled_ = end && end->done;
    co_return end;
}

asio::awaitable<Result<KernelEnd>> KernelSession::hear(std::string id, KernelReader* reader,
                                                       std::optional<Clock::time_point> until)
{
    for (;;) {
        push();
        while (!pending_.empty()) {
            std::optional<KernelEnd> end = co_await take_piece(id, reader);
            if (end) co_return std::move(*end);
        }
        KernelEnd end;
        if (const Outcome* outcome = link_.outcome(stream_)) {
            if (const auto* failure = std::get_if<wire::Failure>(outcome)) co_return wire::to_error(*failure);
            end.exit = std::get<wire::Exit>(*outcome);
            end.violation = violation_;
            co_return end;
        }
        if (link_.is_over() || gave_up_) co_return Error(Errc::unavailable, "the connection to the sandbox has ended");
        if (until && Clock::now() >= *until) co_return end;
        co_await link_.changed().wait(until);
    }
}

asio::awaitable<std::optional<KernelEnd>> KernelSession::take_piece(const std::string& id, KernelReader* reader)
{
    const auto [channel, bytes] = std::move(pending_.front());
    pending_.pop_front();
    std::optional<KernelEnd> end;
    if (channel == answers) {
        lines_.feed(bytes);
        end = co_await take_lines(id, reader);
    } else if (channel <= wire::Channel::err && reader != nullptr) {
        const OutputStream to = channel == wire::Channel::err ? OutputStream::err : OutputStream::out;
        co_await reader->on_output(to, bytes);
    } else if (channel == wire::Channel::err) {
        last_words_ = (last_words_ + bytes).substr(0, last_words_bytes);
    }
    link_.owner().consumed(stream_, channel, bytes.size());
    link_.flush();
    co_return end;
}

asio::awaitable<std::optional<KernelEnd>> KernelSession::take_lines(const std::string& id, KernelReader* reader)
{
    std::optional<KernelEnd> end;
    while (std::optional<std::string> line = lines_.next()) {
        Result<KernelAnswer> answer = parse_kernel_answer(*line);
        if (!answer && reader == nullptr) continue;  // the rest of a line whose beginning is no longer kept
        if (!answer && violation_.empty()) {
            violation_ = answer.error().message;
            kill();
        }
        if (!violation_.empty() || id.empty() || answer->id != id) continue;
        if (answer->type == KernelAnswerType::done) {
            end.emplace();
            end->done = std::move(*answer);
            co_return end;
        }
        if (reader != nullptr) co_await reader->on_answer(*answer);
    }
    if (lines_.is_overlong()) {
        violation_ = "an answer of the kernel is too long";
        lines_ = {};
        kill();
    }
    co_return end;
}

void KernelSession::ask(nlohmann::json request, const std::string& id)
{
    request["id"] = id;
    // Keys that are pressed need not be UTF-8.
    outgoing_ += request.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

/// As much of the requests as the window takes now.
void KernelSession::push()
{
    const std::size_t count = std::min(outgoing_.size(), link_.owner().may_send(stream_, requests));
    if (count == 0) return;
    link_.owner().send(stream_, std::span(outgoing_).first(count), requests);
    outgoing_.erase(0, count);
    link_.flush();
}

void KernelSession::interrupt()
{
    interrupted_ = true;
    link_.owner().signal(stream_, SIGINT);
    link_.flush();
}

void KernelSession::kill()
{
    link_.owner().signal(stream_, SIGKILL);
    link_.flush();
}

void KernelSession::give_up()
{
    gave_up_ = true;
    link_.flush();
}

Error KernelSession::start_failure() const
{
    std::string line = last_words_.substr(0, last_words_.find('\n'));
    std::ranges::replace_if(
        line, [](unsigned char c) { return c < ' ' || c >= 0x7f; }, '?');
    return Error(Errc::unavailable,
                 line.empty() ? fmt::format("the kernel of {} does not start", place_.language)
                              : fmt::format("the kernel of {} does not start: {}", place_.language, line),
                 "a sandbox that an older version made has none: make another with sbx create");
}

void KernelSession::on_data(std::uint8_t channel, std::span<const char> bytes)
{
    pending_.emplace_back(channel, std::string(bytes.data(), bytes.size()));
    if (settled_) drop_pending();  // what a thread of the kernel says between executions must not fill its window
}

void KernelSession::on_attached(const wire::Attached& /*attached*/)
{
    attached_ = true;
}

}  // namespace sbx
