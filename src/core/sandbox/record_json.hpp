#pragma once

#include "sbx/execution.hpp"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace sbx {

/// The flat result record: every field is present, null where it has no value. Output that is not UTF-8 stands in
/// `stdout_base64` or `stderr_base64`, and the plain field is null.
nlohmann::ordered_json record_json(const Execution& execution);

/// What programs tried to reach.
nlohmann::ordered_json attempts_json(const std::vector<NetworkAttempt>& attempts);

/// ISO 8601 in UTC with milliseconds; null for the epoch, which means "never".
nlohmann::ordered_json iso_time(std::chrono::system_clock::time_point time);

/// Bytes as JSON text under `name`, or as base64 under `<name>_base64` beside a null when they are not UTF-8.
void put_bytes(nlohmann::ordered_json& object, const std::string& name, std::string_view bytes);

}  // namespace sbx
