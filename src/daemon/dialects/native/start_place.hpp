#pragma once

#include "daemon/executions/code_order.hpp"

#include <string>

namespace sbx::daemon::native {

/// The directory in which a program shall start.
/// @error invalid_argument, permission_denied  as `checked_place`
inline Result<std::string> start_place(const std::string& wanted)
{
    if (wanted == "/work" || wanted == "/tmp") return wanted;
    auto place = checked_place(wanted);
    if (!place) return Error(place.error().code, "cwd: " + place.error().message);
    return place;
}

}  // namespace sbx::daemon::native
