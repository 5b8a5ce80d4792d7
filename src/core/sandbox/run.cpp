#include "core/sandbox/run.hpp"

#include "core/sandbox/agent_volume.hpp"
#include "core/sandbox/one_shot.hpp"
#include "core/sandbox/sandbox_way.hpp"
#include "core/sandbox/sweep.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace sbx {
Result<const wire::AgentImage*> check_image(const ImageInfo& image, const std::string& name)
{
    if (!image.volumes.empty())
        return Error(Errc::permission_denied,
                     fmt::format("image {} declares volumes ({}), which would be writable without a limit", name,
                                 fmt::join(image.volumes, ", ")),
                     "build the image without its VOLUME line");
    if (image.os != "linux")
        return Error(Errc::image_unavailable, fmt::format("image {} is for {}", name, image.os),
                     "choose a linux image with --image");
    if (const wire::AgentImage* agent = wire::agent_image(image.architecture)) return agent;
    return Error(Errc::image_unavailable,
                 fmt::format("image {} is for {}, for which sbx has no agent", name, image.architecture),
                 "choose an image for amd64 or arm64 with --image");
}

OneOffRun::OneOffRun(asio::any_io_executor executor, ProgramIo& io, RunRequest request)
    : executor_(std::move(executor)), io_(io), request_(std::move(request))
{
}

OneOffRun::~OneOffRun() = default;

asio::awaitable<OneOffRun::Attempt> OneOffRun::attempt(SandboxWay& way)
{
    one_shot_ = std::make_unique<OneShot>(executor_, way, io_, request_);
    Result<RunResult> result = co_await one_shot_->execute();
    co_return Attempt{std::move(result), one_shot_->has_begun()};
}

bool OneOffRun::signal(int number)
{
    return one_shot_ && one_shot_->signal(number);
}

void OneOffRun::resize(TerminalSize size)
{
    request_.terminal = size;
    if (one_shot_) one_shot_->resize(size);
}

void OneOffRun::stopping()
{
    if (one_shot_) one_shot_->stopping();
}

void OneOffRun::continued()
{
    if (one_shot_) one_shot_->continued();
}

Run::Run(asio::any_io_executor executor, Engine& engine, ProgramIo& io, RunRequest request, std::string endpoint,
         StandbySource& standbys, std::filesystem::path cache)
    : OneOffRun(std::move(executor), io, std::move(request)),
      engine_(engine),
      endpoint_(std::move(endpoint)),
      standbys_(standbys),
      cache_(std::move(cache))
{
}

asio::awaitable<Result<RunResult>> Run::execute()
{
    const Result<const wire::AgentImage*> usable = check_image(request().image, request().image_name);
    if (!usable) co_return usable.error();
    const wire::AgentImage* agent = *usable;
    if (may_use_standby(request())) {
        std::optional<Result<RunResult>> done = co_await execute_in_standby(*agent);
        if (done) co_return std::move(*done);
    }
    co_return co_await execute_cold(*agent);
}

/// @return nothing when there is no standby sandbox that still lives: nothing ran then
asio::awaitable<std::optional<Result<RunResult>>> Run::execute_in_standby(const wire::AgentImage& agent)
{
    const std::string key = standby_key(standby_spec(request(), endpoint_, agent));
    while (std::optional<ClaimedStandby> standby = standbys_.claim(key)) {
        std::string id = standby->id;
        StandbyWay way(engine_, std::move(*standby));
        Attempt tried = co_await attempt(way);
        Result<RunResult>& result = tried.result;
        if (result) result->execution.path = standbys_.path();
        if (!never_began(tried.has_begun, result)) co_return std::move(result);
        co_await way.remove(std::move(id));  // paused perhaps: its own end may be far
    }
    co_return std::nullopt;
}

asio::awaitable<Result<RunResult>> Run::execute_cold(const wire::AgentImage& agent)
{
    Result<RunResult> result = Error(Errc::internal, "never tried");
    for (const bool refill : {false, true}) {  // the volume may have lost its content since it was verified
        Result<Mount> volume =
            co_await ensure_agent_volume(engine_, endpoint_, agent, request().image.id, cache_, refill);
        if (!volume) co_return volume.error();
        ColdWay way(engine_, std::move(*volume));
        Attempt tried = co_await attempt(way);
        result = std::move(tried.result);
        if (result || !is_agent_missing(result.error())) break;
    }
    co_return result;
}

}  // namespace sbx
