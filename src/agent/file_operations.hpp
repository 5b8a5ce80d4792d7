#pragma once

#include "agent/operation.hpp"
#include "core/wire/messages.hpp"

#include <memory>

namespace sbx::agent {

std::unique_ptr<Operation> make_tar_in(Sandbox& sandbox, StreamId id, wire::TarIn request);
std::unique_ptr<Operation> make_tar_out(Sandbox& sandbox, StreamId id, wire::TarOut request);
std::unique_ptr<Operation> make_list(Sandbox& sandbox, StreamId id, wire::List request);

}  // namespace sbx::agent
