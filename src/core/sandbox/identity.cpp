#include "core/sandbox/identity.hpp"

#include "core/sandbox/sweep.hpp"
#include "core/uuid.hpp"

#include <chrono>

namespace sbx {
namespace {

using namespace std::chrono_literals;

constexpr auto compile_and_pull_margin = 1h;
constexpr auto longest_life = 24h * 365;  // of a run without a time limit

}  // namespace

std::string new_execution_id()
{
    std::string id = new_uuid();
    std::erase(id, '-');
    return id;
}

void identify(RunRequest& request, std::string_view instance, const Language& language,
              const std::vector<std::string>& modules)
{
    if (request.execution_id.empty()) request.execution_id = new_execution_id();
    request.labels[instance_label] = instance;
    request.labels[sandbox_label] = request.execution_id;
    const auto end =
        std::chrono::system_clock::now() + request.limits.wall_ms.value_or(longest_life) + compile_and_pull_margin;
    request.labels[expires_label] =
        std::to_string(std::chrono::duration_cast<std::chrono::seconds>(end.time_since_epoch()).count());
    request.preload = preload_words(language, modules);
    request.fits_preload = fits_preload(language, request.command, request.environment);
}

}  // namespace sbx
