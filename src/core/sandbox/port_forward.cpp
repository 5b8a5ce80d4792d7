#include "core/sandbox/port_forward.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>

namespace sbx {
namespace {

using namespace std::chrono_literals;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t piece_bytes = std::size_t{64} << 10;
constexpr std::uint32_t window_bytes = 256U << 10;  // for as many connections it stays far below a keeper's patience
constexpr std::size_t most_connections = 120;       // a keeper carries 128 operations of one client

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

/// One connection from this host, and its stream.
class PortForward::Connection : public StreamSink {
   public:
    Connection(AgentLink& link, tcp::socket socket, std::uint16_t port)
        : link_(link), socket_(std::move(socket)), changed_(socket_.get_executor())
    {
        error_code ignored;
        socket_.set_option(tcp::no_delay(true), ignored);
        wire::Connect request;
        request.port = port;
        request.window = window_bytes;
        stream_ = link_.owner().connect(request);
        link_.attach_sink(stream_, *this);
        link_.flush();
    }

    /// Returns when both directions have ended, or it was closed.
    asio::awaitable<void> carry()
    {
        using namespace asio::experimental::awaitable_operators;
        co_await (send_in() && send_out());
        link_.abandon(stream_);
        link_.flush();
    }

    void close()
    {
        is_over_ = true;
        error_code ignored;
        socket_.close(ignored);
        changed_.notify_all();
    }

    bool was_opened() const { return is_open_; }
    const std::optional<Error>& failure() const { return failure_; }

    void on_opened() override { is_open_ = true; }
    void on_data(std::uint8_t /*channel*/, std::span<const char> bytes) override
    {
        pending_.append(bytes.data(), bytes.size());
        changed_.notify_all();
    }
    void on_eof(std::uint8_t /*channel*/) override
    {
        output_ended_ = true;
        changed_.notify_all();
    }
    void on_credit(std::uint8_t /*channel*/) override { changed_.notify_all(); }
    bool on_end(const Outcome& outcome) override
    {
        if (const auto* failure = std::get_if<wire::Failure>(&outcome)) failure_ = wire::to_error(*failure);
        has_ended_ = true;
        changed_.notify_all();
        return true;
    }

   private:
    asio::awaitable<void> send_in();
    asio::awaitable<void> send_out();
    asio::awaitable<void> write_pending();
    void end_output();

    AgentLink& link_;
    tcp::socket socket_;
    Condition changed_;
    wire::StreamId stream_ = 0;
    std::string pending_;  ///< bounded by the stream's window
    std::optional<Error> failure_;
    bool is_open_ = false;
    bool output_ended_ = false;
    bool output_is_told_ = false;
    bool has_ended_ = false;  ///< inside
    bool is_over_ = false;    ///< here
};

asio::awaitable<void> PortForward::Connection::send_in()
{
    std::vector<char> buffer(piece_bytes);
    while (!is_over_ && !has_ended_) {
        const std::size_t room = std::min(link_.owner().may_send(stream_), piece_bytes);
        if (room == 0) {
            co_await changed_.wait(std::nullopt);
            continue;
        }
        error_code failed;
        const std::size_t count = co_await socket_.async_read_some(asio::buffer(buffer.data(), room),
                                                                   asio::redirect_error(asio::use_awaitable, failed));
        if (failed && failed != asio::error::eof) co_return close();
        if (count > 0)
            link_.owner().send(stream_, std::span(buffer).first(count));
        else
            link_.owner().eof(stream_);
        link_.flush();
        if (failed) co_return;
    }
}

asio::awaitable<void> PortForward::Connection::send_out()
{
    while (!is_over_) {
        if (!pending_.empty()) {
            co_await write_pending();
            continue;
        }
        if (output_ended_) end_output();
        if (has_ended_) break;
        co_await changed_.wait(std::nullopt);
    }
    close();
}

asio::awaitable<void> PortForward::Connection::write_pending()
{
    const std::string bytes = std::exchange(pending_, {});
    error_code failed;
    co_await asio::async_write(socket_, asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, failed));
    if (failed) co_return close();
    link_.owner().consumed(stream_, wire::Channel::input, bytes.size());
    link_.flush();
}

void PortForward::Connection::end_output()
{
    if (std::exchange(output_is_told_, true)) return;
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
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
    co_await connection->carry();
    std::erase(connections_, connection);
    if (connection->was_opened()) has_told_ = false;
    if (!connection->was_opened() && connection->failure() && !std::exchange(has_told_, true))
        refused_(*connection->failure());
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
