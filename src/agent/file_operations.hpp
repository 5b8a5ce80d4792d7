#pragma once

#include "agent/operation.hpp"
#include "core/wire/messages.hpp"

#include <memory>

namespace sbx::agent {

/// Makes the operation for a request on files.
std::unique_ptr<Operation> make_stat(Sandbox& sandbox, StreamId id, wire::Stat request);
std::unique_ptr<Operation> make_read(Sandbox& sandbox, StreamId id, wire::Read request);
std::unique_ptr<Operation> make_write(Sandbox& sandbox, StreamId id, wire::Write request);
std::unique_ptr<Operation> make_mkdir(Sandbox& sandbox, StreamId id, wire::Mkdir request);
std::unique_ptr<Operation> make_move(Sandbox& sandbox, StreamId id, wire::Move request);
std::unique_ptr<Operation> make_remove(Sandbox& sandbox, StreamId id, wire::Remove request);
std::unique_ptr<Operation> make_tar_in(Sandbox& sandbox, StreamId id, wire::TarIn request);
std::unique_ptr<Operation> make_tar_out(Sandbox& sandbox, StreamId id, wire::TarOut request);
std::unique_ptr<Operation> make_watch(Sandbox& sandbox, StreamId id, wire::Watch request);
std::unique_ptr<Operation> make_list(Sandbox& sandbox, StreamId id, wire::List request);

}  // namespace sbx::agent
