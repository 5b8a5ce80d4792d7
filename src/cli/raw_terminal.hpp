#pragma once

#include "sbx/run.hpp"

#include <termios.h>

#include <optional>

namespace sbx::cli {

/// Size of the terminal on stdout or stdin.
std::optional<TerminalSize> terminal_size();

/// Whatever changes the modes of the terminal on stdin, or on stdout alone, meanwhile: they are as they were on every
/// way out, destruction and a crash of this process.
class KeptTerminal {
   public:
    KeptTerminal();
    ~KeptTerminal();
    KeptTerminal(const KeptTerminal&) = delete;
    KeptTerminal& operator=(const KeptTerminal&) = delete;
};

/// Puts the terminal on stdin into raw mode, so that every key is the program's, and back on every way out, suspension
/// too. One on stdout alone shows what comes as it is, because the program's own terminal has made its line ends.
class RawTerminal {
   public:
    RawTerminal();

    void suspend();
    void resume();

   private:
    KeptTerminal kept_;
};

}  // namespace sbx::cli
