#pragma once

#include "agent/operation.hpp"
#include "core/wire/messages.hpp"

#include <memory>

namespace sbx::agent {

std::unique_ptr<Operation> make_processes(Sandbox& sandbox, StreamId id, wire::Processes request);
std::unique_ptr<Operation> make_attach(Sandbox& sandbox, StreamId id, wire::Attach request);

}  // namespace sbx::agent
