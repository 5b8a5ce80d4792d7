#include "agent/dns_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

namespace sbx::agent {
namespace {

constexpr int datagrams_at_a_time = 16;  // code that floods the resolver must not hold up the rest
constexpr std::size_t length_bytes = 2;

Descriptor bind_to_port(int type)
{
    Descriptor fd(socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(53);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (!fd || bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return {};
    return fd;
}

}  // namespace

DnsServer::DnsServer(Names& names) : names_(names), udp_(bind_to_port(SOCK_DGRAM)), tcp_(bind_to_port(SOCK_STREAM))
{
    if (tcp_ && listen(tcp_.get(), static_cast<int>(connections_.size())) != 0) tcp_.reset();
}

void DnsServer::collect(PollSet& set)
{
    if (udp_) set.add(udp_.get(), POLLIN, *this);
    if (tcp_) set.add(tcp_.get(), POLLIN, *this);
    for (const Connection& connection : connections_)
        if (connection.fd) set.add(connection.fd.get(), POLLIN, *this);
}

void DnsServer::on_ready(int fd, short)
{
    if (fd == udp_.get()) return answer_datagrams();
    if (fd == tcp_.get()) return accept_connection();
    const auto connection = std::ranges::find_if(connections_, [&](const Connection& c) { return c.fd.get() == fd; });
    if (connection != connections_.end()) read_query(*connection);
}

void DnsServer::answer_datagrams()
{
    char query[max_dns_message];
    char reply[max_dns_message];
    for (int i = 0; i < datagrams_at_a_time; ++i) {
        sockaddr_in from{};
        socklen_t from_length = sizeof from;
        const long count =
            recvfrom(udp_.get(), query, sizeof query, 0, reinterpret_cast<sockaddr*>(&from), &from_length);
        if (count < 0) return;
        const std::size_t length = answer_dns({query, static_cast<std::size_t>(count)}, reply, names_);
        if (length > 0) sendto(udp_.get(), reply, length, 0, reinterpret_cast<const sockaddr*>(&from), from_length);
    }
}

void DnsServer::accept_connection()
{
    Descriptor fd(accept4(tcp_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd) return;
    Connection& connection = connections_[next_++ % connections_.size()];
    connection.fd = std::move(fd);
    connection.filled = 0;
}

void DnsServer::read_query(Connection& connection)
{
    const long count =
        ::read(connection.fd.get(), connection.bytes + connection.filled, sizeof connection.bytes - connection.filled);
    if (count <= 0) return connection.fd.reset();
    connection.filled += static_cast<std::size_t>(count);
    if (connection.filled < length_bytes) return;
    const std::size_t length = static_cast<std::size_t>(static_cast<unsigned char>(connection.bytes[0])) << 8 |
                               static_cast<unsigned char>(connection.bytes[1]);
    if (length > max_dns_message) return connection.fd.reset();
    if (connection.filled < length_bytes + length) return;
    char message[length_bytes + max_dns_message];
    const std::size_t size =
        answer_dns({connection.bytes + length_bytes, length},
                   std::span<char, max_dns_message>(message + length_bytes, max_dns_message), names_);
    message[0] = static_cast<char>(size >> 8);
    message[1] = static_cast<char>(size);
    if (size > 0) send(connection.fd.get(), message, length_bytes + size, MSG_NOSIGNAL);
    connection.fd.reset();
}

}  // namespace sbx::agent
