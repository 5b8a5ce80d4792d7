#pragma once

#include "agent/operation.hpp"

#include <memory>
#include <string_view>

namespace sbx::agent {

/// Makes the operation of an opening frame; none when this agent has no such operation.
/// @return why the frame is refused, or nullptr
const char* make_operation(Type type, std::string_view json, Sandbox& sandbox, StreamId id,
                           std::unique_ptr<Operation>& made);

}  // namespace sbx::agent
