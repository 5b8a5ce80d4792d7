#include "forwarder.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <memory>
#include <vector>

namespace test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using UnixSocket = asio::local::stream_protocol::socket;
using TlsStream = asio::ssl::stream<tcp::socket>;

/// Copies one way until either end is gone, then ends the other way too.
template <class From, class To>
asio::awaitable<void> pump(std::shared_ptr<From> from, std::shared_ptr<To> to)
{
    std::vector<char> bytes(64U << 10);
    for (error_code ec;;) {
        const std::size_t count =
            co_await from->async_read_some(asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, ec));
        if (ec) break;
        co_await asio::async_write(*to, asio::buffer(bytes.data(), count),
                                   asio::redirect_error(asio::use_awaitable, ec));
        if (ec) break;
    }
    error_code ignored;
    from->lowest_layer().close(ignored);
    to->lowest_layer().close(ignored);
}

}  // namespace

Forwarder::Forwarder(asio::io_context& context, std::string socket_path, asio::ssl::context* tls)
    : acceptor_(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      socket_path_(std::move(socket_path)),
      tls_(tls)
{
    asio::co_spawn(context, accept(), asio::detached);
}

asio::awaitable<void> Forwarder::accept()
{
    for (error_code ec;;) {
        tcp::socket client = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, ec));
        if (ec) co_return;
        asio::co_spawn(acceptor_.get_executor(), serve(std::move(client)), asio::detached);
    }
}

asio::awaitable<void> Forwarder::serve(tcp::socket client)
{
    const auto executor = acceptor_.get_executor();
    const auto engine = std::make_shared<UnixSocket>(executor);
    error_code ec;
    engine->connect(asio::local::stream_protocol::endpoint(socket_path_), ec);
    if (ec) co_return;
    if (!tls_) {
        const auto plain = std::make_shared<tcp::socket>(std::move(client));
        asio::co_spawn(executor, pump(plain, engine), asio::detached);
        asio::co_spawn(executor, pump(engine, plain), asio::detached);
        co_return;
    }
    const auto secured = std::make_shared<TlsStream>(std::move(client), *tls_);
    co_await secured->async_handshake(asio::ssl::stream_base::server, asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return;
    asio::co_spawn(executor, pump(secured, engine), asio::detached);
    asio::co_spawn(executor, pump(engine, secured), asio::detached);
}

}  // namespace test
