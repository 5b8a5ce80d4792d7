#pragma once

#include "agent/operation.hpp"
#include "core/wire/messages.hpp"

#include <memory>

namespace sbx::agent {

std::unique_ptr<Operation> make_connect(Sandbox& sandbox, StreamId id, wire::Connect request);

}  // namespace sbx::agent
