#pragma once

#include "agent/operation.hpp"
#include "core/wire/messages.hpp"

#include <memory>

namespace sbx::agent {

std::unique_ptr<Operation> make_measure(Sandbox& sandbox, StreamId id, wire::Measure request);

}  // namespace sbx::agent
