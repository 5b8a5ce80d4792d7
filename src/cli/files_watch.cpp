#include "cli/files_watch.hpp"

#include "cli/hostile_text.hpp"
#include "cli/interrupt.hpp"
#include "cli/sandbox_path.hpp"
#include "cli/standard_streams.hpp"
#include "cli/with_keeper.hpp"
#include "core/sandbox/change_json.hpp"
#include "core/sandbox/directory_watch.hpp"
#include "core/sandbox/record_json.hpp"

#include <nlohmann/json.hpp>

#include <csignal>

namespace sbx::cli {
namespace {

using nlohmann::ordered_json;

std::string line_of(const ordered_json& event)
{
    return event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string event_text(const wire::Changed& change, bool as_json)
{
    if (as_json) return line_of(change_json(change));
    if (change.kind == wire::ChangeKind::overflow) return fmt::format("{}\n", name_of(change.kind));
    return fmt::format("{} {}\n", name_of(change.kind), shown(change.path));
}

/// One watch over a connection to the keeper.
class Watcher {
   public:
    /// @param context, store  outlive this
    Watcher(Context& context, const SandboxStore& store, SandboxRecord record, std::string path, bool recursive)
        : context_(context), store_(store), record_(std::move(record)), path_(std::move(path)), recursive_(recursive)
    {
    }

    /// @return the signal that ended it, or 0: the directory is gone
    asio::awaitable<Result<int>> run(AgentLink& link);

   private:
    asio::awaitable<Result<void>> tell(StandardStreams& streams, std::string text);
    asio::awaitable<Result<void>> tell_all(AgentLink& link, StandardStreams& streams);

    Context& context_;
    const SandboxStore& store_;
    SandboxRecord record_;
    std::string path_;
    bool recursive_;
};

asio::awaitable<Result<int>> Watcher::run(AgentLink& link)
{
    StandardStreams streams(co_await asio::this_coro::executor, false);
    const Interrupt interrupt(co_await asio::this_coro::executor, [&link] { link.close(); });
    const Result<void> told = co_await tell_all(link, streams);
    if (interrupt.signal() == 0 && link.is_over() && !link.fault()) co_return why_it_ended(store_, record_);
    if (interrupt.signal() == 0 && !told) co_return told.error();
    if (context_.ndjson) {
        ordered_json end;
        end["type"] = "end";
        end["reason"] = interrupt.signal() != 0 ? "interrupted" : "gone";
        const Result<void> written = co_await tell(streams, line_of(end));
        if (!written) co_return written.error();
    }
    co_return interrupt.signal();
}

asio::awaitable<Result<void>> Watcher::tell(StandardStreams& streams, std::string text)
{
    co_return co_await streams.write(OutputStream::out, text);
}

asio::awaitable<Result<void>> Watcher::tell_all(AgentLink& link, StandardStreams& streams)
{
    DirectoryWatch watch(link, path_, recursive_);
    const Result<void> begun = co_await watch.begin();
    if (!begun) co_return begun;
    ordered_json start;
    start["type"] = "start";
    put_bytes(start, "path", path_);
    if (!context_.ndjson) context_.say(fmt::format("{}: watching {}", context_.program, shown(path_)));
    Result<void> written;
    if (context_.ndjson) written = co_await tell(streams, line_of(start));
    while (written) {
        const Result<std::optional<wire::Changed>> change = co_await watch.next();
        if (!change) co_return change.error();
        if (!*change) break;
        written = co_await tell(streams, event_text(**change, context_.ndjson));
    }
    co_return written;
}

}  // namespace

void watch_files(const std::string& word, bool recursive, Context& context)
{
    std::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c)
    const Result<SandboxPath> place = need_sandbox_path(word);
    if (!place) return context.report(place.error());
    const SandboxStore store = sandbox_store(context);
    const Result<SandboxRecord> record = find_living(store, place->sandbox);
    if (!record) return context.report(record.error());
    Watcher watcher(context, store, *record, place->path, recursive);
    const auto work = [&](AgentLink& link) { return watcher.run(link); };
    const Result<int> signal = with_keeper(context, store, *record, work);
    if (signal && *signal != 0)
        context.exit_code = 128 + *signal;
    else if (signal)
        context.say(fmt::format("{}: {} is gone", context.program, shown(place->path)));
    else if (signal.error().code == Errc::cancelled)
        context.exit_code = 128 + SIGPIPE;  // as any program whose reader has gone, and as quietly
    else
        context.report(signal.error());
}

}  // namespace sbx::cli
