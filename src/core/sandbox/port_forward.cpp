#include "core/sandbox/port_forward.hpp"

#include "core/read_buffer.hpp"
#include "core/sandbox/port_stream.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/write.hpp>

namespace sbx {
namespace {

using namespace std::chrono_literals;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t piece_bytes = std::size_t{64} << 10;
constexpr std::size_t most_connections = 120;  // a keeper carries 128 operations of one client

Errc meaning_of(const error_code& failed)
{
    if (failed == asio::error::address_in_use) return Errc::conflict;
    if (failed == asio::error::access_denied) return Errc::permission_denied;
    return Errc::invalid_argument;
}

}  // namespace

Result<TcpAcceptor> listen_on(const asio::any_io_executor& executor, const TcpEndpoint& address)
{
    TcpAcceptor acceptor(executor);
    error_code failed;
    acceptor.open(address.protocol(), failed);
    if (!failed) acceptor.set_option(TcpAcceptor::reuse_address(true), failed);
    if (!failed) acceptor.bind(address, failed);
    if (!failed) acceptor.listen(asio::socket_base::max_listen_connections, failed);
    if (failed)
        return Error(meaning_of(failed), fmt::format("cannot listen on {}:{}: {}", address.address().to_string(),
                                                     address.port(), failed.message()));
    return acceptor;
}

/// One connection from this host, and the one inside.
class PortForward::Connection {
   public:
    Connection(AgentLink& link, tcp::socket socket, std::uint16_t port)
        : socket_(std::move(socket)), inside_(link, port)
    {
        error_code ignored;
        socket_.set_option(tcp::no_delay(true), ignored);
    }

    /// Returns when both directions have ended, or it was closed.
    /// @error as PortStream::open
    asio::awaitable<Result<void>> carry()
    {
        using namespace asio::experimental::awaitable_operators;
        const Result<void> opened = co_await inside_.open();
        if (opened) co_await (send_in() && send_out());
        close();
        co_return opened;
    }

    void close()
    {
        error_code ignored;
        socket_.close(ignored);
        inside_.close();
    }

   private:
    asio::awaitable<void> send_in();
    asio::awaitable<void> send_out();

    tcp::socket socket_;
    PortStream inside_;
};

asio::awaitable<void> PortForward::Connection::send_in()
{
    ReadBuffer buffer(piece_bytes);
    Result<void> sent = {};
    while (sent) {
        error_code failed;
        const std::span<char> all = buffer.all();
        const std::size_t count = co_await socket_.async_read_some(asio::buffer(all.data(), all.size()),
                                                                   asio::redirect_error(asio::use_awaitable, failed));
        if (failed == asio::error::eof) co_return inside_.end_writing();
        if (failed) co_return close();
        sent = co_await inside_.write(buffer.first(count));
    }
}

asio::awaitable<void> PortForward::Connection::send_out()
{
    ReadBuffer buffer(piece_bytes);
    error_code failed;
    while (!failed) {
        const Result<std::size_t> count = co_await inside_.read_some(buffer.all());
        if (!count) co_return close();
        if (*count == 0) break;
        co_await asio::async_write(socket_, asio::buffer(buffer.first(*count).data(), *count),
                                   asio::redirect_error(asio::use_awaitable, failed));
    }
    if (failed) co_return close();
    socket_.shutdown(tcp::socket::shutdown_send, failed);
    co_await inside_.finish();
    close();
}

PortForward::PortForward(AgentLink& link, std::uint16_t port, std::function<void(const Error&)> refused)
    : link_(link), port_(port), refused_(std::move(refused))
{
}

PortForward::~PortForward() = default;

asio::awaitable<void> PortForward::serve(TcpAcceptor acceptor)
{
    using namespace asio::experimental::awaitable_operators;
    co_await (accept(acceptor) && close_at_end(acceptor));
}

asio::awaitable<void> PortForward::accept(TcpAcceptor& acceptor)
{
    while (!link_.is_over()) {
        if (connections_.size() >= most_connections) {
            co_await link_.changed().wait(std::nullopt);
            continue;
        }
        error_code failed;
        tcp::socket socket = co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, failed));
        if (link_.is_over()) break;
        if (failed) {
            Condition pause(acceptor.get_executor());
            co_await pause.wait(std::chrono::steady_clock::now() + 100ms);  // out of descriptors, say
            continue;
        }
        auto connection = std::make_shared<Connection>(link_, std::move(socket), port_);
        connections_.push_back(connection);
        asio::co_spawn(acceptor.get_executor(), carry(std::move(connection)), asio::detached);
    }
}

asio::awaitable<void> PortForward::carry(std::shared_ptr<Connection> connection)
{
    const Result<void> opened = co_await connection->carry();
    std::erase(connections_, connection);
    if (opened) has_told_ = false;
    const bool came_to_nothing = !opened && opened.error().code != Errc::cancelled;
    if (came_to_nothing && !std::exchange(has_told_, true)) refused_(opened.error());
    link_.flush();
}

asio::awaitable<void> PortForward::close_at_end(TcpAcceptor& acceptor)
{
    while (!link_.is_over()) co_await link_.changed().wait(std::nullopt);
    error_code ignored;
    acceptor.close(ignored);
    for (const std::shared_ptr<Connection>& connection : connections_) connection->close();
    while (!connections_.empty()) co_await link_.changed().wait(std::nullopt);
}

}  // namespace sbx
