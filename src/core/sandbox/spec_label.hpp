#pragma once

#include "sbx/engine.hpp"

#include <string>

namespace sbx {

/// Label of every container of ours; its value is `spec_hash`.
inline constexpr const char* spec_label = "sbx.spec";

/// Two plans have the same exactly when their containers are made alike, whoever's they are and whatever runs in them:
/// it says nothing of names, labels and the agent's arguments.
std::string spec_hash(const Plan& plan);

}  // namespace sbx
