#pragma once

#include <string>
#include <string_view>

namespace sbx::daemon {

/// What a call to the engine does, as a label: its method, and the known first and last word of its path; names and
/// ids between them become `{}`: `POST /containers/{}/start`.
std::string engine_operation(std::string_view method, std::string_view path);

}  // namespace sbx::daemon
