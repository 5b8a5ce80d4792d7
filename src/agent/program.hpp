#pragma once

#include "agent/privileges.hpp"
#include "core/descriptor.hpp"
#include "core/wire/messages.hpp"

#include <string>
#include <utility>
#include <vector>

namespace sbx::agent {

/// What a child needs between fork and exec.
struct Program {
    const wire::Spawn& spawn;
    std::vector<std::string> environment;          ///< whole, as NAME=VALUE
    std::vector<std::pair<int, int>> descriptors;  ///< the child's number, the descriptor that becomes it
    int report = -1;                               ///< socket that takes a Setback, or a terminal's descriptor
};

/// The environment of a program: the agent's own, which is the image's, then the user's names, then the proxies,
/// then the caller's.
/// @param proxies  the program is told of the ways out that have no name
std::vector<std::string> environment_for(const wire::Spawn& spawn, bool proxies);

/// Turns a freshly forked child into the program. Comes back only to `_exit`, after it has reported why.
[[noreturn]] void become_program(const Program& program);

/// What the child said before its program ran.
struct Report {
    enum class Kind { running, terminal, setback, nothing_yet } kind = Kind::nothing_yet;
    Setback setback{};
    Descriptor terminal;  ///< the controlling side of a new pseudo-terminal
};
Report read_report(int socket);

/// A setback in words.
wire::Failure describe(const Setback& setback, const std::string& subject);

}  // namespace sbx::agent
