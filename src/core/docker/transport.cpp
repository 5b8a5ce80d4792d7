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

constexpr std::chrono::milliseconds busy_pause(20);
/// What may wait in a Unix socket: the more, the seldomer its two ends have to wake each other.
constexpr int room_bytes = 1 << 20;

/// Breaks off what is under way on `Target` when its time is up.
template <class Target>
class ConnectDeadline {
   public:
    template <class Break>
    ConnectDeadline(std::shared_ptr<Target> target, std::chrono::milliseconds limit, Break break_off)
        : timer_(target->get_executor(), limit)
    {
        timer_.async_wait([weak = std::weak_ptr<Target>(target), break_off](const error_code& ec) {
            if (const auto alive = weak.lock(); alive && !ec) break_off(*alive);
        });
    }

    /// What `ec` was caused by.
    error_code judge(const error_code& ec) const
    {
        const bool passed = timer_.expiry() <= std::chrono::steady_clock::now();
        return ec && passed ? make_error_code(asio::error::timed_out) : ec;
    }

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

/// Connects at once or not at all: a blocking connect waits for as long as more connections wait than the engine takes.
UnixSocket try_unix(const asio::any_io_executor& executor, const std::string& path, error_code& ec)
{
    UnixSocket socket(executor);
    socket.open(asio::local::stream_protocol(), ec);
    if (!ec) socket.native_non_blocking(true, ec);
    if (!ec) socket.connect(asio::local::stream_protocol::endpoint(path), ec);
    if (!ec) static_cast<void>(socket.remote_endpoint(ec));  // Asio takes "try again" for success
    return socket;
}

asio::awaitable<Result<std::unique_ptr<Transport>>> connect_unix(asio::any_io_executor executor, Endpoint endpoint,
                                                                 std::chrono::milliseconds limit)
{
    const auto deadline = std::chrono::steady_clock::now() + limit;
    error_code ec;
    UnixSocket socket = try_unix(executor, endpoint.path, ec);
    while (ec == asio::error::not_connected && std::chrono::steady_clock::now() < deadline) {
        asio::steady_timer pause(executor, busy_pause);
        co_await pause.async_wait(into(ec));
        if (ec) co_return Error(Errc::cancelled, "docker: cancelled");
        socket = try_unix(executor, endpoint.path, ec);
    }
    if (ec == asio::error::not_connected) ec = asio::error::timed_out;
    if (ec) co_return connect_failure(endpoint, ec);
    error_code ignored;
    socket.set_option(asio::socket_base::send_buffer_size(room_bytes), ignored);
    std::unique_ptr<Transport> transport = std::make_unique<SocketTransport<UnixSocket>>(std::move(socket));
    co_return transport;
}

asio::awaitable<Result<std::unique_ptr<Transport>>> connect_tcp(asio::any_io_executor executor, Endpoint endpoint,
                                                                std::chrono::milliseconds limit)
{
    error_code ec;
    const auto resolver = std::make_shared<tcp::resolver>(executor);
    const ConnectDeadline to_resolve(resolver, limit, [](tcp::resolver& late) { late.cancel(); });
    const auto addresses = co_await resolver->async_resolve(endpoint.host, std::to_string(endpoint.port), into(ec));
    ec = to_resolve.judge(ec);
    if (ec == asio::error::operation_aborted) co_return Error(Errc::cancelled, "docker: cancelled");
    if (ec) co_return connect_failure(endpoint, ec);

    const auto socket = std::make_shared<tcp::socket>(executor);
    const ConnectDeadline to_connect(socket, limit, [](tcp::socket& late) { late.close(); });
    co_await asio::async_connect(*socket, addresses, into(ec));
    ec = to_connect.judge(ec);
    if (ec == asio::error::operation_aborted) co_return Error(Errc::cancelled, "docker: cancelled");
    if (ec) co_return connect_failure(endpoint, ec);
    socket->set_option(tcp::no_delay(true), ec);
    // A wait may be silent for hours: this is how a host that went away is noticed.
    socket->set_option(tcp::socket::keep_alive(true), ec);
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
    if (ec == asio::error::timed_out) return Error(Errc::unavailable, what, "sudo systemctl restart docker");
    if (endpoint.path != default_system_socket)
        return Error(Errc::unavailable, what, "start Docker, or check DOCKER_HOST and the Docker context");
    return Error(Errc::unavailable, what, "start Docker: sudo systemctl start docker");
}

asio::awaitable<Result<std::unique_ptr<Transport>>> connect(asio::any_io_executor executor, Endpoint endpoint,
                                                            std::chrono::milliseconds limit)
{
    switch (endpoint.scheme) {
        case Scheme::unix_socket:
            co_return co_await connect_unix(std::move(executor), std::move(endpoint), limit);
        case Scheme::ssh:
            co_return start_ssh(std::move(executor), endpoint);
        case Scheme::tcp:
        case Scheme::tls:
            break;
    }
    co_return co_await connect_tcp(std::move(executor), std::move(endpoint), limit);
}

}  // namespace sbx::docker
