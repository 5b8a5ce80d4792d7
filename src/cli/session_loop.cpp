#include "cli/session_loop.hpp"

#include <csignal>

namespace sbx::cli {

SessionLoop::SessionLoop()
{
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP}) {
        struct sigaction inherited {};
        ::sigaction(signal, nullptr, &inherited);
        if (inherited.sa_handler != SIG_IGN) signals_.add(signal);  // `nohup` stays as it is
    }
    await_signal();
}

void SessionLoop::cancel()
{
    cancelled_ = true;
    cancel_.emit(asio::cancellation_type::terminal);
}

bool SessionLoop::run_until(const std::function<bool()>& done)
{
    while (!done()) {
        if (interrupted_ || ending_ != 0) return false;
        io_.run_one();
    }
    return true;
}

void SessionLoop::await_signal()
{
    signals_.async_wait([this](const boost::system::error_code& failed, int signal) {
        if (failed) return;
        on_signal(signal);
        await_signal();
    });
}

void SessionLoop::on_signal(int signal)
{
    if (signal == SIGTERM || signal == SIGHUP) ending_ = signal;
    if (receiver_ && receiver_(signal)) return;
    if (signal == SIGINT) interrupted_ = true;
    if (signal == SIGTSTP) ::raise(SIGSTOP);
}

}  // namespace sbx::cli
