#include "daemon/life/service_notice.hpp"

#include "core/descriptor.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstring>
#include <ctime>

namespace sbx::daemon {

void ServiceNotice::reloading() const
{
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const auto microseconds = std::chrono::seconds(now.tv_sec) / std::chrono::microseconds(1) + now.tv_nsec / 1000;
    tell(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", microseconds));
}

void ServiceNotice::tell(std::string_view state) const
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return;
    std::memcpy(address.sun_path, socket_.data(), socket_.size());
    std::size_t size = offsetof(sockaddr_un, sun_path) + socket_.size();
    if (socket_.front() == '@')
        address.sun_path[0] = '\0';
    else
        ++size;  // the zero at the path's end
    const Descriptor sender(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ::sendto(sender.get(), state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
             reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(size));
}

std::optional<std::chrono::microseconds> watchdog_interval(const std::string& microseconds, const std::string& process)
{
    if (!process.empty() && process != std::to_string(::getpid())) return std::nullopt;
    std::int64_t count = 0;
    const auto [end, failed] = std::from_chars(microseconds.data(), microseconds.data() + microseconds.size(), count);
    if (failed != std::errc() || end != microseconds.data() + microseconds.size() || count <= 0) return std::nullopt;
    return std::chrono::microseconds(count);
}

}  // namespace sbx::daemon
