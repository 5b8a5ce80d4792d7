#include "core/sandbox/keep.hpp"

#include "core/sandbox/agent_volume.hpp"

#include <fmt/format.h>
#include <boost/describe/enum_to_string.hpp>

#include <algorithm>

namespace sbx {
namespace {

/// Shows a keeper to whoever watches, for as long as it is there.
class Shown {
   public:
    Shown(const KeeperWatch& watch, Keeper& keeper) : watch_(watch)
    {
        if (watch_) watch_(&keeper);
    }
    ~Shown()
    {
        if (watch_) watch_(nullptr);
    }
    Shown(const Shown&) = delete;
    Shown& operator=(const Shown&) = delete;

   private:
    const KeeperWatch& watch_;
};

/// Nobody held it, and it is not there any more.
Error gone(const SandboxStore& store, SandboxRecord record)
{
    record.cause = record.deadline <= record_time() ? Cause::ttl : Cause::lost;
    record.ended = std::min(record.deadline, record_time());
    const Result<void> written = store.write(record);
    return Error(
        Errc::not_found,
        fmt::format("sandbox {} has ended ({})", record.id, boost::describe::enum_to_string(*record.cause, "?")),
        "sbx ps -a");
}

bool has_ended(const Error& error)
{
    return error.code == Errc::not_found ||
           (error.code == Errc::conflict && error.message.find("not running") != std::string::npos);
}

}  // namespace

asio::awaitable<Result<void>> keep_new_sandbox(Engine& engine, const SandboxStore& store, SandboxRecord record,
                                               std::filesystem::path cache, std::function<bool()> ready,
                                               KeeperWatch watch)
{
    const wire::AgentImage* agent = wire::agent_image(record.architecture);
    if (agent == nullptr) co_return Error(Errc::image_unavailable, "sbx has no agent for this image's architecture");
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    Result<void> kept = Error(Errc::internal, "never tried");
    for (const bool refill : {false, true}) {  // the volume may have lost its content since it was verified
        Result<Mount> volume =
            co_await ensure_agent_volume(engine, record.endpoint, *agent, record.image, cache, refill);
        if (!volume) co_return volume.error();
        const auto keeper = std::make_unique<Keeper>(executor, engine, store, record, std::move(*volume));
        const Shown shown(watch, *keeper);
        kept = co_await keeper->launch(ready);
        if (kept || !is_agent_missing(kept.error())) break;
    }
    co_return kept;
}

asio::awaitable<Result<void>> keep_living_sandbox(Engine& engine, const SandboxStore& store, SandboxRecord record,
                                                  std::function<bool()> ready, KeeperWatch watch)
{
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const auto keeper = std::make_unique<Keeper>(executor, engine, store, record, Mount());
    const Shown shown(watch, *keeper);
    const Result<void> kept = co_await keeper->take_over(std::move(ready));
    if (!kept && has_ended(kept.error())) co_return gone(store, std::move(record));
    co_return kept;
}

}  // namespace sbx
