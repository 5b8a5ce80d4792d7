#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <cstdint>
#include <string>

namespace test {

/// Listens on a loopback port and carries each connection to a Unix socket, as an engine's own TCP listener would be
/// reached. Lives on the test's io_context.
class Forwarder {
   public:
    /// @param tls  null: plain TCP; must outlive the forwarder
    Forwarder(boost::asio::io_context& context, std::string socket_path, boost::asio::ssl::context* tls);

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

   private:
    boost::asio::awaitable<void> accept();
    boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket client);

    boost::asio::ip::tcp::acceptor acceptor_;
    std::string socket_path_;
    boost::asio::ssl::context* tls_;
};

}  // namespace test
