#include "cli/with_keeper.hpp"

#include "cli/remote.hpp"
#include "core/sandbox/sweep.hpp"

namespace sbx::cli {

Result<SandboxRecord> find_living(const SandboxStore& store, const std::string& text)
{
    Result<SandboxRecord> record = store.find(text);
    if (record && record->cause) return has_ended(text, *record->cause);
    if (record && is_paused(store, *record))
        return Error(Errc::conflict, fmt::format("sandbox {} is paused", text), "sbx resume " + text);
    return record;
}

Result<std::unique_ptr<Channel>> open_keeper(const asio::any_io_executor& executor, const Context& context,
                                             const SandboxStore& store, const SandboxRecord& record)
{
    if (const auto host = daemon_host(context)) return remote_wire(executor, context, *host, record);
    Result<LocalSocket> socket = connect_to(executor, store.socket_of(record.id));
    if (!socket && record.instance != cli_instance)
        return Error(Errc::unavailable, "the daemon that keeps this sandbox does not run", "sbx serve");
    if (!socket) {
        const Result<void> started = start_keeper(context, record);
        socket = connect_to(executor, store.socket_of(record.id));  // that of another command, where it was quicker
        if (!socket && !started) return started.error();
    }
    if (!socket) return socket.error();
    return make_channel(std::move(*socket));
}

}  // namespace sbx::cli
