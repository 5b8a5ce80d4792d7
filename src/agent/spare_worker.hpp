#pragma once

#include "agent/desk.hpp"

#include <string_view>

namespace sbx::agent {

struct Sandbox;

/// A worker's child that is forked before there is anything to do: in a sandbox that waits, the first files are then in
/// place sooner than a fork takes. It is gone before anything of the user's starts.
class SpareWorker {
   public:
    /// Where that fails there is none.
    void start(Sandbox& sandbox);
    /// @param frame  asks for what it is to do
    /// @return none, where there is none, or the frame is none that it takes
    WorkerChild take(std::string_view frame);
    void dismiss();
    /// Whether it was the one that has ended.
    bool on_reaped(pid_t pid);

   private:
    WorkerChild child_;
};

}  // namespace sbx::agent
