#include "core/sandbox/detached.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <string>
#include <utility>

namespace sbx {
namespace {

using namespace std::chrono_literals;

constexpr auto look_again = 100ms;

class StartSink : public StreamSink {
   public:
    void on_started(std::uint64_t number) override { process = number; }

    std::optional<std::uint64_t> process;
};

class ListSink : public StreamSink {
   public:
    void on_processes(std::span<const wire::ProcessInfo> found) override
    {
        processes.insert(processes.end(), found.begin(), found.end());
    }

    std::vector<wire::ProcessInfo> processes;
};

/// Holds output in the order it came; the wire's windows bound it.
class OutputSink : public StreamSink {
   public:
    explicit OutputSink(std::function<void()> found) : found_(std::move(found)) {}

    void on_data(std::uint8_t channel, std::span<const char> bytes) override
    {
        pending.emplace_back(channel, std::string(bytes.data(), bytes.size()));
    }
    void on_attached(const wire::Attached& attached) override
    {
        dropped = attached.dropped_bytes;
        if (found_) found_();
    }

    std::deque<std::pair<std::uint8_t, std::string>> pending;
    std::uint64_t dropped = 0;

   private:
    std::function<void()> found_;
};

Error no_process(const std::optional<std::uint64_t>& number)
{
    if (number) return Error(Errc::not_found, fmt::format("the sandbox has no process {}", *number), "sbx inspect");
    return Error(Errc::not_found, "no program was started in the background", "sbx exec -d SANDBOX COMMAND");
}

asio::awaitable<Result<void>> pass_on(AgentLink& link, wire::StreamId stream, OutputSink& sink, ProgramIo& to)
{
    while (!sink.pending.empty()) {
        const auto [channel, bytes] = std::move(sink.pending.front());
        sink.pending.pop_front();
        const OutputStream where = channel == wire::Channel::err ? OutputStream::err : OutputStream::out;
        const Result<void> written = co_await to.write(where, bytes);
        if (!written) co_return written;
        link.owner().consumed(stream, channel, bytes.size());
        link.flush();
    }
    co_return Result<void>();
}

}  // namespace

asio::awaitable<Result<std::uint64_t>> start_detached(AgentLink& link, wire::Spawn spawn)
{
    spawn.detached = true;
    const wire::StreamId stream = link.owner().spawn(spawn);
    StartSink sink;
    link.attach_sink(stream, sink);
    link.flush();
    while (!sink.process && link.outcome(stream) == nullptr && !link.is_over())
        co_await link.changed().wait(std::nullopt);
    link.detach_sink(stream);
    if (sink.process) co_return *sink.process;
    const Result<Outcome> outcome = co_await link.finish(stream);
    if (!outcome) co_return outcome.error();
    if (const auto* failure = std::get_if<wire::Failure>(&*outcome)) co_return wire::to_error(*failure);
    co_return Error(Errc::internal, "the program ended before it had a number");
}

asio::awaitable<Result<std::vector<wire::ProcessInfo>>> list_processes(AgentLink& link)
{
    const wire::StreamId stream = link.owner().processes(wire::Processes());
    ListSink sink;
    link.attach_sink(stream, sink);
    link.flush();
    const Result<Outcome> outcome = co_await link.finish(stream);
    link.detach_sink(stream);
    if (!outcome) co_return outcome.error();
    if (const auto* failure = std::get_if<wire::Failure>(&*outcome)) co_return wire::to_error(*failure);
    std::ranges::sort(sink.processes, {}, &wire::ProcessInfo::process);
    co_return std::move(sink.processes);
}

asio::awaitable<Result<wire::ProcessInfo>> find_process(AgentLink& link, std::optional<std::uint64_t> number)
{
    const Result<std::vector<wire::ProcessInfo>> all = co_await list_processes(link);
    if (!all) co_return all.error();
    if (!number && !all->empty()) co_return all->back();
    for (const wire::ProcessInfo& process : *all)
        if (number && process.process == *number) co_return process;
    co_return no_process(number);
}

asio::awaitable<Result<wire::ProcessInfo>> await_process(AgentLink& link, std::uint64_t number)
{
    for (;;) {
        Result<wire::ProcessInfo> process = co_await find_process(link, number);
        if (!process || !process->running) co_return process;
        asio::steady_timer pause(co_await asio::this_coro::executor, look_again);
        co_await pause.async_wait(asio::use_awaitable);
    }
}

asio::awaitable<Result<std::uint64_t>> show_output(AgentLink& link, std::uint64_t number, bool follow, ProgramIo& to,
                                                   std::function<void()> found)
{
    wire::Attach attach;
    attach.process = number;
    attach.follow = follow;
    const wire::StreamId stream = link.owner().attach(attach);
    OutputSink sink(std::move(found));
    link.attach_sink(stream, sink);
    link.flush();
    Result<void> passed;
    while (passed) {
        const bool ended = link.outcome(stream) != nullptr || link.is_over();
        passed = co_await pass_on(link, stream, sink, to);
        if (ended && sink.pending.empty()) break;
        if (!ended && sink.pending.empty() && passed) co_await link.changed().wait(std::nullopt);
    }
    link.detach_sink(stream);
    if (!passed) co_return passed.error();
    const Result<Outcome> outcome = co_await link.finish(stream);
    if (!outcome) co_return outcome.error();
    const auto* failure = std::get_if<wire::Failure>(&*outcome);
    if (failure == nullptr) co_return sink.dropped;
    if (failure->code == wire::FailureCode::cancelled)
        co_return Error(Errc::conflict, "somebody else follows the process now");
    co_return wire::to_error(*failure);
}

}  // namespace sbx
