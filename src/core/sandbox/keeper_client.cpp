#include "core/sandbox/keeper_client.hpp"

#include "core/sandbox/session_loss.hpp"

#include <fmt/format.h>
#include <boost/describe/enum_to_string.hpp>

#include <csignal>

namespace sbx {
namespace {

constexpr std::chrono::seconds patience_for_end{30};

}  // namespace

Error has_ended(const std::string& name, Cause cause)
{
    return {Errc::not_found,
            fmt::format("sandbox {} has ended ({})", name, boost::describe::enum_to_string(cause, "?")), "sbx ps"};
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
    std::string lost = lost_keeper(store);
    const std::optional<SandboxRecord> now = store.read(record.id);
    if (!now) return {Errc::not_found, fmt::format("sandbox {} was removed", name), "sbx ps"};
    if (now->cause) return has_ended(name, *now->cause);
    return {Errc::unavailable, std::move(lost)};
}

}  // namespace sbx
