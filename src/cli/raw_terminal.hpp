#pragma once

#include "sbx/run.hpp"

#include <termios.h>

#include <optional>

namespace sbx::cli {

/// Size of the terminal on stdout or stdin.
std::optional<TerminalSize> terminal_size();

/// Puts the terminal on stdin into raw mode, so that every key is the program's, and back on every way out:
/// destruction, suspension, and a crash of this process. One on stdout alone shows what comes as it is, because the
/// program's own terminal has made its line ends.
class RawTerminal {
   public:
    RawTerminal();
    ~RawTerminal();
    RawTerminal(const RawTerminal&) = delete;
    RawTerminal& operator=(const RawTerminal&) = delete;

    void suspend();
    void resume();

   private:
    bool active_ = false;
};

}  // namespace sbx::cli
