#include "core/sandbox/run.hpp"

#include "core/sandbox/agent_volume.hpp"
#include "core/sandbox/one_shot.hpp"
#include "core/sandbox/sweep.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace sbx {
namespace {

/// Labels cannot be given to a sandbox that is there already, and its hard end is set.
bool may_use_standby(const RunRequest& request)
{
    const bool has_own_labels = std::ranges::any_of(
        request.labels, [](const auto& label) { return label.first.starts_with(user_label_prefix); });
    return request.standby && !has_own_labels && request.limits.wall_ms &&
           *request.limits.wall_ms <= longest_standby_run;
}

}  // namespace

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

Run::Run(asio::any_io_executor executor, Engine& engine, ProgramIo& io, RunRequest request, std::string endpoint,
         StandbySource& standbys, std::filesystem::path cache)
    : executor_(std::move(executor)),
      engine_(engine),
      io_(io),
      request_(std::move(request)),
      endpoint_(std::move(endpoint)),
      standbys_(standbys),
      cache_(std::move(cache))
{
}

Run::~Run() = default;

asio::awaitable<Result<RunResult>> Run::execute()
{
    const Result<const wire::AgentImage*> usable = check_image(request_.image, request_.image_name);
    if (!usable) co_return usable.error();
    const wire::AgentImage* agent = *usable;
    if (may_use_standby(request_)) {
        std::optional<Result<RunResult>> done = co_await execute_in_standby(*agent);
        if (done) co_return std::move(*done);
    }
    co_return co_await execute_cold(*agent);
}

/// @return nothing when there is no standby sandbox that still lives: nothing ran then
asio::awaitable<std::optional<Result<RunResult>>> Run::execute_in_standby(const wire::AgentImage& agent)
{
    const std::string key = standby_key(standby_spec(request_, endpoint_, agent));
    while (std::optional<ClaimedStandby> standby = standbys_.claim(key)) {
        std::string id = standby->id;
        one_shot_ = std::make_unique<OneShot>(executor_, engine_, io_, request_, std::move(*standby));
        std::optional<Result<RunResult>> result = co_await one_shot_->execute();
        const bool ran = result->has_value() || one_shot_->has_begun() || result->error().code == Errc::cancelled;
        one_shot_.reset();
        if (ran && result->has_value()) (*result)->execution.path = standbys_.path();
        if (ran) co_return result;
        const Result<void> removed = co_await engine_.remove(std::move(id));  // paused perhaps: its own end may be far
    }
    co_return std::nullopt;
}

asio::awaitable<Result<RunResult>> Run::execute_cold(const wire::AgentImage& agent)
{
    Result<Mount> volume = co_await ensure_agent_volume(engine_, endpoint_, agent, request_.image.id, cache_, false);
    if (!volume) co_return volume.error();
    Result<RunResult> result = co_await attempt(*volume);
    if (result || !is_agent_missing(result.error())) co_return result;

    // Nothing ran: the volume lost its content since it was verified.
    volume = co_await ensure_agent_volume(engine_, endpoint_, agent, request_.image.id, cache_, true);
    if (!volume) co_return volume.error();
    co_return co_await attempt(*volume);
}

asio::awaitable<Result<RunResult>> Run::attempt(Mount agent)
{
    one_shot_ = std::make_unique<OneShot>(executor_, engine_, io_, request_, std::move(agent));
    Result<RunResult> result = co_await one_shot_->execute();
    one_shot_.reset();
    co_return result;
}

bool Run::signal(int number)
{
    return one_shot_ && one_shot_->signal(number);
}

void Run::resize(TerminalSize size)
{
    request_.terminal = size;
    if (one_shot_) one_shot_->resize(size);
}

void Run::stopping()
{
    if (one_shot_) one_shot_->stopping();
}

void Run::continued()
{
    if (one_shot_) one_shot_->continued();
}

}  // namespace sbx
