#pragma once

#include "core/wire/messages.hpp"

#include <sys/types.h>

#include <vector>

namespace sbx::agent {

/// What went wrong in a child before its program ran. Travels over the child's report socket.
struct Setback {
    wire::FailureCode code;
    int error;         ///< errno, or 0
    const char* what;  ///< a literal: the child is a copy of the agent, the pointer holds
};

/// For a freshly forked child, as root: its rank among the victims of the out-of-memory killer, then its ceilings.
/// Both must come before `become_user`.
bool prepare_limits(const std::vector<wire::ResourceLimit>& limits, Setback& setback);

/// From root to a user without any privilege, for good. The calling process must be a forked child.
bool become_user(uid_t uid, gid_t gid, Setback& setback);

/// At the agent's own start: hard to read, last to be killed for want of memory.
void protect_agent();

/// SIGKILL, or another signal, to every process of the sandbox but this one. Does nothing unless this is process 1:
/// anywhere else it would reach the whole machine.
void signal_everything(int signal);

}  // namespace sbx::agent
