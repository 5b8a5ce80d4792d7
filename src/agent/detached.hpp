#pragma once

#include "agent/tail.hpp"
#include "core/wire/messages.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace sbx::agent {

class Process;

/// What is known of a detached process, also after its end.
struct Detached {
    wire::ProcessInfo info;
    wire::Attached shape;        ///< its channels, as somebody who attaches is told
    Process* process = nullptr;  ///< while it runs
    Tail tail;

    /// With what changes as it runs.
    wire::ProcessInfo told() const;
    wire::Attached attached() const;
};

/// The detached processes of a sandbox: those that run, and those that ended last.
class DetachedProcesses {
   public:
    bool is_full() const;
    /// A program has started. What is returned lives until `end`.
    Detached& add(Process& process, const wire::Spawn& spawn, std::int64_t start_ms);
    void end(Detached& detached, const wire::Exit& exit);
    void forget(const Detached& detached);
    Detached* find(std::uint64_t number);
    std::span<const std::unique_ptr<Detached>> all() const { return known_; }

   private:
    std::vector<std::unique_ptr<Detached>> known_;
    std::uint64_t last_number_ = 0;
};

}  // namespace sbx::agent
