#include "daemon/sandboxes/session_request.hpp"

#include "core/environment_list.hpp"
#include "core/sandbox/identity.hpp"
#include "daemon/executions/code_order.hpp"

namespace sbx::daemon {
namespace {

constexpr std::size_t kept_output_bytes = std::size_t{1} << 20;

}  // namespace

Result<RunRequest> session_request(const SandboxRecord& sandbox, const std::map<std::string, std::string>& environment,
                                   std::optional<std::chrono::milliseconds> timeout, const Caller& caller)
{
    RunRequest request;
    LimitsWish wish;
    wish.wall_ms = timeout;
    wish.disk_bytes = sandbox.limits.disk_bytes;
    const auto limits = merge(sandbox.limits, wish, ceiling_of(caller));
    if (!limits) return limits.error();
    request.limits = *limits;
    auto variables = checked_environment(environment);
    if (!variables) return variables.error();
    request.environment = merged(sandbox.environment, std::move(*variables));
    request.directory = sandbox.directory;
    request.image.id = sandbox.image;
    request.image_name = sandbox.image_name;
    request.execution_id = new_execution_id();
    request.kept_output_bytes = kept_output_bytes;
    return request;
}

}  // namespace sbx::daemon
