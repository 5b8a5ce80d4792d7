#include "core/sandbox/sandbox_way.hpp"

#include "core/sandbox/spec_label.hpp"
#include "core/with_timeout.hpp"

namespace sbx {
namespace {

using namespace std::chrono_literals;

constexpr auto patience_for_opening = 15s;

}  // namespace

bool never_began(bool has_begun, const Result<RunResult>& result)
{
    if (has_begun) return false;
    if (!result) return result.error().code != Errc::cancelled;
    const Reason reason = result->execution.reason;
    return reason == Reason::killed || reason == Reason::lost || reason == Reason::oom;
}

Plan plan_of(const RunRequest& request, Mount agent)
{
    Plan plan;
    plan.name = "sbx-" + request.execution_id;
    plan.image = request.image.id;
    plan.limits = request.limits;
    plan.mounts.push_back(std::move(agent));
    plan.mounts.insert(plan.mounts.end(), request.libraries.begin(), request.libraries.end());
    plan.library_bytes = request.library_bytes;
    plan.labels = request.labels;
    plan.network = request.network;
    plan.isolation = request.isolation;
    plan.one_shot = true;
    plan.labels[spec_label] = spec_hash(plan);
    return plan;
}

asio::awaitable<Result<Launched>> say_opening(Launched launched, std::string opening)
{
    const Result<void> said = co_await with_timeout(launched.channel->write(opening), patience_for_opening);
    if (!said) co_return said.error();
    co_return std::move(launched);
}

asio::awaitable<Result<Launched>> ColdWay::open(const RunRequest& request, std::string opening)
{
    Plan plan = plan_of(request, agent_);
    co_return co_await engine_.launch(std::move(plan), std::move(opening));
}

asio::awaitable<void> ColdWay::remove(std::string id)
{
    const Result<void> removed = co_await engine_.remove(std::move(id));
}

asio::awaitable<Result<Launched>> StandbyWay::open(const RunRequest& /*request*/, std::string opening)
{
    if (!standby_.attached) co_return co_await engine_.adopt(standby_.id, std::move(opening));
    co_return co_await say_opening(std::move(*standby_.attached), std::move(opening));
}

asio::awaitable<void> StandbyWay::remove(std::string id)
{
    const Result<void> removed = co_await engine_.remove(std::move(id));
}

}  // namespace sbx
