#pragma once

#include "daemon/http/accepted.hpp"
#include "daemon/http/listen_socket.hpp"
#include "daemon/http/server_state.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <memory>

namespace sbx::daemon {

/// Accepts the connections of one socket and has them served.
class Listener : public std::enable_shared_from_this<Listener> {
   public:
    Listener(std::shared_ptr<ServerState> server, ListenSocket socket, Site site);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// Until `stop`.
    asio::awaitable<void> run();
    void stop();
    void replace_tls(const std::shared_ptr<asio::ssl::context>& tls);

   private:
    /// @return whether there may be more
    bool accept();
    void take(Accepted accepted);
    bool make_room();
    bool has_too_many(const Peer& peer) const;
    void turn_away(Accepted accepted, const char* event);
    void refuse_for_lack_of_descriptors();

    std::shared_ptr<ServerState> server_;
    ListenSocket socket_;
    std::shared_ptr<const Site> site_;
    asio::posix::stream_descriptor readable_;  ///< the same socket, to wait for
    Descriptor spare_;  ///< given up for a moment to accept and close a connection that there is no descriptor for
    bool stopped_ = false;
};

}  // namespace sbx::daemon
