#pragma once

#include "sbx/execution.hpp"

#include <nlohmann/json_fwd.hpp>

namespace sbx::cli {

/// The flat result record: every field is present, null where it has no value. Output that is not UTF-8 stands in
/// `stdout_base64` or `stderr_base64`, and the plain field is null.
nlohmann::ordered_json record_json(const Execution& execution);

}  // namespace sbx::cli
