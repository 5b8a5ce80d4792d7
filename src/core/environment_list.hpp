#pragma once

#include <string>
#include <utility>
#include <vector>

namespace sbx {

/// Variables of a program, in order.
using EnvironmentList = std::vector<std::pair<std::string, std::string>>;

/// Both; of a variable that both have the value of `stronger`.
EnvironmentList merged(EnvironmentList weaker, EnvironmentList stronger);

}  // namespace sbx
