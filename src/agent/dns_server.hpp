#pragma once

#include "agent/dns_answer.hpp"
#include "agent/poll_set.hpp"
#include "core/descriptor.hpp"

#include <array>
#include <cstddef>
#include <optional>

namespace sbx::agent {

/// The sandbox's resolver, on 127.0.0.1:53, UDP and TCP. Where that port is taken or forbidden, it just isn't there.
class DnsServer : public Pollable {
   public:
    /// @param names  outlives this
    explicit DnsServer(Names& names);

    void collect(PollSet& set);
    void on_ready(int fd, short events) override;

   private:
    /// One query over TCP: two bytes of length, then the message. The connection ends with its reply.
    struct Connection {
        Descriptor fd;
        std::size_t filled = 0;
        char bytes[2 + 512];
    };

    void answer_datagrams();
    void accept_connection();
    void read_query(Connection& connection);

    Names& names_;
    Descriptor udp_;
    Descriptor tcp_;
    std::array<Connection, 4> connections_{};
    std::size_t next_ = 0;  ///< the connection that a new one replaces
};

}  // namespace sbx::agent
