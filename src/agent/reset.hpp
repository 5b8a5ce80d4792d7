#pragma once

#include "agent/operation.hpp"
#include "core/wire/messages.hpp"

#include <memory>

namespace sbx::agent {

/// Makes the operation that makes the sandbox fit for another program: nothing that ran in it lives, nothing that was
/// written in it is left, and the interpreter that waits is a new one.
std::unique_ptr<Operation> make_reset(Sandbox& sandbox, StreamId id, wire::Reset request);

}  // namespace sbx::agent
