#include "cli/compat_variables.hpp"

#include "cli/interpreter_variables.hpp"
#include "cli/variable_number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace sbx::cli {
namespace {

constexpr std::uint32_t most_seconds = 24 * 60 * 60;
constexpr std::uint32_t most_concurrent = 32;  // that a daemon runs in all

std::optional<daemon::LogLevel> level_of(std::string name)
{
    using Named = std::pair<std::string_view, daemon::LogLevel>;
    constexpr std::array levels{Named("DEBUG", daemon::LogLevel::info), Named("INFO", daemon::LogLevel::info),
                                Named("WARNING", daemon::LogLevel::warn), Named("ERROR", daemon::LogLevel::error),
                                Named("CRITICAL", daemon::LogLevel::error)};
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    const auto* const at = std::ranges::find(levels, name, &Named::first);
    if (at == levels.end()) return std::nullopt;
    return at->second;
}

}  // namespace

Result<void> read_compat_variables(Context& context, daemon::DaemonOptions& options)
{
    daemon::DebugBounds& bounds = options.debugging;
    const auto timeout =
        variable_number(context, "EXECUTION_TIMEOUT", most_seconds, static_cast<std::uint32_t>(bounds.timeout.count()));
    if (!timeout) return timeout.error();
    const auto concurrent = variable_number(context, "MAX_CONCURRENT_EXECUTIONS", most_concurrent,
                                            static_cast<std::uint32_t>(bounds.concurrent));
    if (!concurrent) return concurrent.error();
    auto backend = daemon::backend_of(context.environment);
    if (!backend) return backend.error();
    options.backend = std::move(*backend);
    bounds.timeout = std::chrono::seconds(*timeout);
    bounds.concurrent = *concurrent;
    if (const auto read = read_interpreter_variables(context, options.interpreter); !read) return read;
    const std::string level = context.environment("LOG_LEVEL").value_or("");
    if (level.empty()) return {};
    if (const auto known = level_of(level))
        options.log_level = *known;
    else
        context.say(fmt::format("{}: LOG_LEVEL={} is no level: taking INFO", context.program, level));
    return {};
}

}  // namespace sbx::cli
