#pragma once

#include "core/sandbox/record_json.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace sbx::daemon::native {

/// Unix milliseconds as ISO 8601 in UTC.
inline std::string time_text(std::chrono::milliseconds time)
{
    return iso_time(std::chrono::system_clock::time_point(time)).get<std::string>();
}

inline std::optional<std::string> time_text(const std::optional<std::chrono::milliseconds>& time)
{
    return time ? std::optional(time_text(*time)) : std::nullopt;
}

}  // namespace sbx::daemon::native
