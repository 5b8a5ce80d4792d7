#include "daemon/http/passed_sockets.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <charconv>

namespace sbx::daemon {
namespace {

constexpr int first_descriptor = 3;
constexpr int most_descriptors = 64;

Result<ListenAddress> address_of(int descriptor)
{
    const Error wrong(Errc::invalid_argument,
                      fmt::format("descriptor {} that was passed is no listening stream socket", descriptor),
                      "ListenStream= in the .socket unit");
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return wrong;
    ListenAddress address;
    address.descriptor = descriptor;
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (storage.ss_family == AF_UNIX) {
        address.path = reinterpret_cast<const sockaddr_un*>(&storage)->sun_path;
        if (address.path.empty()) return wrong;  // an abstract one is open to everybody
    } else if (storage.ss_family == AF_INET) {
        const auto* const v4 = reinterpret_cast<const sockaddr_in*>(&storage);
        address.address = ::inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size());
        address.port = ntohs(v4->sin_port);
    } else if (storage.ss_family == AF_INET6) {
        const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(&storage);
        address.address = ::inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size());
        address.port = ntohs(v6->sin6_port);
    } else {
        return wrong;
    }
    return address;
}

}  // namespace

Result<std::vector<ListenAddress>> passed_sockets(const std::string& process, const std::string& count)
{
    std::vector<ListenAddress> passed;
    if (process != std::to_string(::getpid())) return passed;
    int sockets = 0;
    const auto [end, failed] = std::from_chars(count.data(), count.data() + count.size(), sockets);
    if (failed != std::errc() || end != count.data() + count.size() || sockets < 0 || sockets > most_descriptors)
        return Error(Errc::invalid_argument, fmt::format("LISTEN_FDS is no count: {}", count));
    for (int descriptor = first_descriptor; descriptor < first_descriptor + sockets; ++descriptor) {
        auto address = address_of(descriptor);
        if (!address) return address.error();
        passed.push_back(std::move(*address));
    }
    return passed;
}

}  // namespace sbx::daemon
