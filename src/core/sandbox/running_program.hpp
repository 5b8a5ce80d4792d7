#pragma once

#include "sbx/run.hpp"

namespace sbx {

/// What can be done to a program while it runs.
class RunningProgram {
   public:
    virtual ~RunningProgram() = default;

    /// Passes a signal on to the program. SIGINT, SIGTERM, SIGHUP and SIGQUIT start the grace time, at the end of
    /// which, or at a second one, it is killed.
    /// @return false when nothing runs that could take it
    virtual bool signal(int number) = 0;
    virtual void resize(TerminalSize size) = 0;
    /// This process is about to be stopped; the sandbox shall outlast that.
    virtual void stopping() = 0;
    virtual void continued() = 0;
};

}  // namespace sbx
