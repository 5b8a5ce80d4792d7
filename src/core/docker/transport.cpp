#include "core/docker/transport.hpp"

#include "core/docker/socket_transport.hpp"
#include "core/docker/ssh_transport.hpp"
#include "core/docker/tls_transport.hpp"

#include <fmt/format.h>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <grp.h>
#include <sys/stat.h>

namespace sbx::docker {
namespace {

using asio::ip::tcp;
using UnixSocket = asio::local::stream_protocol::socket;

/// Closes a connecting socket when its time is up.
template <class Socket>
class ConnectDeadline {
   public:
    ConnectDeadline(std::shared_ptr<Socket> socket, std::chrono::milliseconds limit) : timer_(socket->get_executor())
    {
        timer_.expires_after(limit);
        timer_.async_wait([weak = std::weak_ptr<Socket>(socket)](const error_code& ec) {
            error_code ignored;
            if (const auto alive = weak.lock(); alive && !ec) alive->close(ignored);
        });
    }

    bool has_passed() const { return timer_.expiry() <= std::chrono::steady_clock::now(); }

   private:
    asio::steady_timer timer_;
};

std::string owning_group(const std::string& socket_path)
{
    struct stat facts {};
    if (::stat(socket_path.c_str(), &facts) != 0) return "docker";
    const group* const entry = ::getgrgid(facts.st_gid);
    return entry ? entry->gr_name : std::to_string(facts.st_gid);
}

asio::awaitable<Result<std::unique_ptr<Transport>>> connect_unix(asio::any_io_executor executor, Endpoint endpoint)
{
    UnixSocket socket(executor);
    error_code ec;
    // A Unix socket connects at once, or fails at once.
    socket.connect(asio::local::stream_protocol::endpoint(endpoint.path), ec);
    if (ec) co_return connect_failure(endpoint, ec);
    std::unique_ptr<Transport> transport = std::make_unique<SocketTransport<UnixSocket>>(std::move(socket));
    co_return transport;
}

asio::awaitable<Result<std::unique_ptr<Transport>>> connect_tcp(asio::any_io_executor executor, Endpoint endpoint,
                                                                std::chrono::milliseconds limit)
{
    auto socket = std::make_shared<tcp::socket>(executor);
    tcp::resolver resolver(executor);
    error_code ec;
    const auto addresses = co_await resolver.async_resolve(endpoint.host, std::to_string(endpoint.port), into(ec));
    if (ec == asio::error::operation_aborted) co_return Error(Errc::cancelled, "docker: cancelled");
    if (ec) co_return connect_failure(endpoint, ec);
    const ConnectDeadline deadline(socket, limit);
    co_await asio::async_connect(*socket, addresses, into(ec));
    if (ec && deadline.has_passed()) co_return connect_failure(endpoint, asio::error::timed_out);
    if (ec == asio::error::operation_aborted) co_return Error(Errc::cancelled, "docker: cancelled");
    if (ec) co_return connect_failure(endpoint, ec);
    socket->set_option(tcp::no_delay(true), ec);
    std::unique_ptr<Transport> transport;
    if (endpoint.scheme == Scheme::tcp) {
        transport = std::make_unique<SocketTransport<tcp::socket>>(std::move(*socket));
        co_return transport;
    }
    co_return co_await secure(std::move(*socket), std::move(endpoint), limit);
}

}  // namespace

Error connect_failure(const Endpoint& endpoint, const error_code& ec)
{
    const std::string what = fmt::format("docker: cannot reach {}: {}", endpoint.shown, ec.message());
    if (endpoint.scheme != Scheme::unix_socket)
        return Error(Errc::unavailable, what, "check DOCKER_HOST and that the engine listens there");
    if (ec == boost::system::errc::permission_denied) {
        const std::string group = owning_group(endpoint.path);
        return Error(Errc::unavailable, fmt::format("{} (the socket belongs to the group '{}')", what, group),
                     fmt::format("sudo usermod -aG {} $USER, then log in again", group));
    }
    return Error(Errc::unavailable, what, "start Docker: sudo systemctl start docker");
}

asio::awaitable<Result<std::unique_ptr<Transport>>> connect(asio::any_io_executor executor, Endpoint endpoint,
                                                            std::chrono::milliseconds limit)
{
    switch (endpoint.scheme) {
        case Scheme::unix_socket:
            co_return co_await connect_unix(std::move(executor), std::move(endpoint));
        case Scheme::ssh:
            co_return start_ssh(std::move(executor), endpoint);
        case Scheme::tcp:
        case Scheme::tls:
            break;
    }
    co_return co_await connect_tcp(std::move(executor), std::move(endpoint), limit);
}

}  // namespace sbx::docker
