#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace sbx::daemon {

/// Tells whoever started the daemon how far it is. Nothing where nobody wants to know.
/// @source sd_notify(3), sd_watchdog_enabled(3)
class ServiceNotice {
   public:
    /// @param socket  path of a datagram socket, or `@` and an abstract name; empty: nobody wants to know
    explicit ServiceNotice(std::string socket) : socket_(std::move(socket)) {}

    void ready() const { tell("READY=1"); }
    /// To be followed by `ready`.
    void reloading() const;
    void stopping() const { tell("STOPPING=1"); }
    void alive() const { tell("WATCHDOG=1"); }

   private:
    void tell(std::string_view state) const;

    std::string socket_;
};

/// How often `alive` must be told at least.
/// @param microseconds  WATCHDOG_USEC
/// @param process       WATCHDOG_PID; empty: this one
/// @return nothing where it is not asked for
std::optional<std::chrono::microseconds> watchdog_interval(const std::string& microseconds, const std::string& process);

}  // namespace sbx::daemon
