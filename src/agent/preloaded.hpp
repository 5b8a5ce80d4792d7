#pragma once

#include "core/descriptor.hpp"
#include "core/wire/messages.hpp"

#include <sys/types.h>

#include <chrono>
#include <span>
#include <string>
#include <vector>

namespace sbx::agent {

/// An interpreter that was started before anybody asked for it, as the user, and waits on descriptor 60 to be told what
/// to be (docs/standby.md). It becomes one program and is never used again.
class Preloaded {
   public:
    /// Starts it; where that fails there is none, and programs start as they always do.
    /// @param words  NAME=VALUE settings, then the command
    explicit Preloaded(std::span<char* const> words);

    /// Starts another one in its place.
    void restart();

    /// It waits to be told; while it still starts up it does not.
    bool is_ready() const;
    pid_t pid() const { return pid_; }
    /// It has ended, or somebody else looks after it now.
    void forget();
    /// Ends it: it will not be needed.
    void kill();

    /// Tells it which program to be. Its streams are `input`, `output` and `errors` from then on, and `control` tells
    /// whether it could (`read_refusal`).
    /// @pre is_ready()
    /// @return false when it can't be that program
    bool become(const wire::Spawn& spawn, const std::vector<std::string>& environment);
    /// Processor time it had used before it became a program.
    std::chrono::microseconds used() const { return used_; }

    Descriptor input;
    Descriptor output;
    Descriptor errors;
    Descriptor control;

   private:
    void start();

    std::span<char* const> words_;
    pid_t pid_ = -1;
    std::chrono::microseconds used_{0};
};

/// Why an interpreter that has ended did not become its program: an errno, or 0 when it did.
int read_refusal(int control);

}  // namespace sbx::agent
