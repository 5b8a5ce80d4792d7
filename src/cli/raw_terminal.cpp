#include "cli/raw_terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace sbx::cli {
namespace {

// What a signal handler can reach is global: there is one terminal.
int terminal = STDIN_FILENO;
termios saved_modes;
volatile std::sig_atomic_t modes_are_known = 0;

constexpr std::array crash_signals{SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

void restore_modes()
{
    if (modes_are_known != 0) ::tcsetattr(terminal, TCSADRAIN, &saved_modes);
}

extern "C" void on_crash(int signal)
{
    if (modes_are_known != 0) ::tcsetattr(terminal, TCSANOW, &saved_modes);
    ::raise(signal);  // the handler was reset: this one kills
}

}  // namespace

std::optional<TerminalSize> terminal_size()
{
    for (const int descriptor : {STDOUT_FILENO, STDIN_FILENO}) {
        winsize size{};
        if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0)
            return TerminalSize{.columns = size.ws_col, .rows = size.ws_row};
    }
    return std::nullopt;
}

KeptTerminal::KeptTerminal()
{
    terminal = ::isatty(STDIN_FILENO) != 0 ? STDIN_FILENO : STDOUT_FILENO;
    if (::tcgetattr(terminal, &saved_modes) != 0) return;
    modes_are_known = 1;
    for (const int signal : crash_signals) {
        struct sigaction action {};
        action.sa_handler = on_crash;
        action.sa_flags = static_cast<int>(SA_RESETHAND);
        ::sigaction(signal, &action, nullptr);
    }
}

KeptTerminal::~KeptTerminal()
{
    restore_modes();
    modes_are_known = 0;
}

RawTerminal::RawTerminal()
{
    resume();
}

void RawTerminal::suspend()
{
    restore_modes();
}

void RawTerminal::resume()
{
    if (modes_are_known == 0) return;
    termios raw = saved_modes;
    if (terminal == STDIN_FILENO)
        ::cfmakeraw(&raw);
    else
        raw.c_oflag &= ~static_cast<tcflag_t>(OPOST);
    ::tcsetattr(terminal, TCSADRAIN, &raw);
}

}  // namespace sbx::cli
