#pragma once

#include "daemon/http/access_record.hpp"
#include "daemon/http/access_rules.hpp"
#include "daemon/http/exchange.hpp"
#include "daemon/http/http_limits.hpp"
#include "sbx/result.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sbx::daemon {

/// Where to listen: a Unix socket, an address, or a socket that was handed over.
struct ListenAddress {
    std::string path;     ///< of a Unix socket; empty for TCP
    std::string address;  ///< an IP address, without brackets
    std::uint16_t port = 0;
    int descriptor = -1;  ///< already listening (systemd's socket activation); else -1

    bool is_local() const { return !path.empty(); }
};

class Listener;
struct ServerState;

/// Several listeners and their connections. One thread.
class HttpServer {
   public:
    HttpServer(const asio::any_io_executor& executor, HttpLimits limits);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// Begins to listen. A Unix socket is of mode 0600, and one that nobody listens at is replaced.
    /// @param tls  none: plain
    /// @param rules  `port` is set by this: to the port that the socket is bound to
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

    /// Of connections accepted later, at listeners that have one; for a reloaded certificate.
    void replace_tls(const std::shared_ptr<asio::ssl::context>& tls);

    /// Closes the connections of those whose requests, or what became of them, may not go on.
    /// @param may  asked with a caller's peer and the id of his key, empty where he showed none
    void close_unless(const std::function<bool(const Peer& peer, const std::string& key)>& may);

    /// Told of every answer, and of every connection that gets none.
    void observe(Observer observer);

   private:
    std::shared_ptr<ServerState> state_;
    std::shared_ptr<asio::steady_timer> sweep_timer_;
    std::vector<std::shared_ptr<Listener>> listeners_;
};

}  // namespace sbx::daemon
