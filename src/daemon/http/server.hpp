#pragma once

#include "daemon/http/access_rules.hpp"
#include "daemon/http/exchange.hpp"
#include "sbx/result.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ssl/context.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace sbx::daemon {

/// Bounds of SECURITY-TARGETS §6.
struct HttpLimits {
    std::size_t target_bytes = std::size_t{8} << 10;
    std::size_t head_bytes = std::size_t{32} << 10;
    std::size_t head_fields = 64;
    std::size_t chunk_line_bytes = 256;
    std::chrono::seconds head_time{10};
    std::chrono::seconds body_time{30};  ///< and a second more for each MiB
    std::chrono::seconds idle_time{75};
    std::chrono::seconds write_stall{30};
    std::size_t connections = 512;
    std::size_t connections_per_address = 64;  ///< of those who have shown no key
};

/// Where to listen: a Unix socket, an address, or a socket that was handed over.
struct ListenAddress {
    std::string path;     ///< of a Unix socket; empty for TCP
    std::string address;  ///< an IP address, without brackets
    std::uint16_t port = 0;
    int descriptor = -1;  ///< already listening (systemd's socket activation); else -1

    bool is_local() const { return !path.empty(); }
};

/// Several listeners and their connections. One thread.
class HttpServer {
   public:
    HttpServer(const asio::any_io_executor& executor, HttpLimits limits);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// Begins to listen. A Unix socket is of mode 0600, and one that nobody listens at is replaced.
    /// @param tls  none: plain
    /// @return the port that it got, where 0 was asked for; 0 for a Unix socket
    /// @error conflict           somebody listens there
    /// @error permission_denied  we may not
    /// @error invalid_argument   no address of this machine
    Result<std::uint16_t> listen(const ListenAddress& address, AccessRules rules, Serve serve,
                                 std::shared_ptr<asio::ssl::context> tls);

    /// Accepts nothing more; what is under way goes on, and the connection closes with its answer.
    void stop();
    /// Closes all that is left.
    void close();
    std::size_t connections() const;

    /// Of connections accepted later; for a reloaded certificate.
    void replace_tls(const std::shared_ptr<asio::ssl::context>& tls);

   private:
    class Listener;
    class Connection;
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace sbx::daemon
