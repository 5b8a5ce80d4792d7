#include "cli/with_keeper.hpp"

#include <boost/describe/enum_to_string.hpp>

#include <csignal>

namespace sbx::cli {
namespace {

constexpr std::chrono::seconds patience_for_end{30};

Error has_ended(const std::string& name, Cause cause)
{
    return {Errc::not_found,
            fmt::format("sandbox {} has ended ({})", name, boost::describe::enum_to_string(cause, "?")), "sbx ps"};
}

}  // namespace

Result<SandboxRecord> find_living(const SandboxStore& store, const std::string& text)
{
    Result<SandboxRecord> record = store.find(text);
    if (record && record->cause) return has_ended(text, *record->cause);
    if (record && is_paused(store, *record))
        return Error(Errc::conflict, fmt::format("sandbox {} is paused", text), "sbx resume " + text);
    return record;
}

std::filesystem::path pause_mark(const SandboxStore& store, const SandboxRecord& record)
{
    return store.directory_of(record.id) / "paused";
}

bool is_paused(const SandboxStore& store, const SandboxRecord& record)
{
    std::error_code ignored;
    return std::filesystem::exists(pause_mark(store, record), ignored);
}

Result<std::unique_ptr<Channel>> open_keeper(const asio::any_io_executor& executor, const Context& context,
                                             const SandboxStore& store, const SandboxRecord& record)
{
    Result<LocalSocket> socket = connect_to(executor, store.socket_of(record.id));
    if (!socket) {
        const Result<void> started = start_keeper(context, record);
        socket = connect_to(executor, store.socket_of(record.id));  // that of another command, where it was quicker
        if (!socket && !started) return started.error();
    }
    if (!socket) return socket.error();
    return make_channel(std::move(*socket));
}

void greet_keeper(AgentLink& link, const SandboxRecord& record)
{
    link.owner().hello();
    wire::Claim claim;
    claim.token = record.token;
    link.owner().claim(claim);
}

asio::awaitable<Result<void>> end_sandbox(AgentLink& link, std::chrono::milliseconds grace)
{
    if (grace > std::chrono::milliseconds(0)) {
        link.owner().signal_all(SIGTERM);
        link.owner().lease(grace);
    } else {
        link.owner().shutdown();
    }
    link.flush();
    const auto deadline = std::chrono::steady_clock::now() + grace + patience_for_end;
    while (!link.is_over()) {
        if (std::chrono::steady_clock::now() >= deadline)
            co_return Error(Errc::deadline_exceeded, "the sandbox's keeper does not end it", "sbx doctor");
        co_await link.changed().wait(deadline);
    }
    co_return Result<void>();
}

Error why_it_ended(const SandboxStore& store, const SandboxRecord& record)
{
    const std::string& name = record.name.empty() ? record.id : record.name;
    const std::optional<SandboxRecord> now = store.read(record.id);
    if (!now) return {Errc::not_found, fmt::format("sandbox {} was removed", name), "sbx ps"};
    if (now->cause) return has_ended(name, *now->cause);
    return {Errc::unavailable, "the sandbox's keeper has gone; the next command starts another"};
}

}  // namespace sbx::cli
