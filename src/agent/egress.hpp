#pragma once

#include "agent/dns_answer.hpp"
#include "agent/tunnel.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sbx::agent {

/// The ways out of a sandbox without a network. A name that leads out has an address of its own in 127.83/16, where
/// connections to its ports are taken; the proxies are on 127.0.0.1. Each connection is a stream to the owner, who
/// alone decides whether and where it goes.
class Egress : public Pollable, public Names, private StreamSource {
   public:
    static constexpr std::uint16_t proxy_port = 3'128;

    /// @return why the owner may not say this, or nullptr
    const char* set(const wire::Egress& egress);
    /// Streams are this owner's from now on.
    void attach(Uplink& uplink);
    /// There is no owner: what was under way is broken, and so is what comes.
    void detach();

    void collect(PollSet& set);
    void on_ready(int fd, short events) override;
    void settle();
    /// @return when `settle` must be called at the latest, `otherwise` if there is nothing to wait for
    TimePoint next_deadline(TimePoint otherwise) const;

    const char* on_control(const wire::Header& header, std::string_view json);
    const char* on_bytes(const wire::Header& header, std::span<const char> piece);

    std::optional<Ipv4> find(std::string_view name) override;
    void on_refused(std::string_view name) override;
    /// A program starts: what it is refused is told although others were refused the same.
    void on_program() { told_.clear(); }

   private:
    struct Listener {
        std::uint16_t port = 0;
        Descriptor fd;
    };
    struct Name {
        std::string host;
        Ipv4 address{};
        bool asked = false;  ///< its address is known to some program
        std::vector<Listener> listeners;
    };

    const char* add(const wire::EgressName& wanted);
    Name* find_name(std::string_view host);
    Name& new_name(const std::string& host);
    void listen(Name& name);
    Listener* listener_of(int fd, const Name*& name);
    void accept(int fd);
    bool may_accept() const;
    Tunnel* find_tunnel(StreamId stream);
    StreamId ask(const std::string& host, std::uint16_t port) override;
    Uplink& uplink() override { return *uplink_; }

    Uplink* uplink_ = nullptr;
    std::vector<Name> names_;  ///< those not allowed any more too, so that addresses stay theirs
    Descriptor proxies_;
    std::vector<std::unique_ptr<Tunnel>> tunnels_;
    StreamId last_stream_ = 0;
    std::vector<std::string> told_;  ///< names that the owner knows as refused
    TimePoint second_;               ///< start of the second in which is counted what the owner did not ask for
    unsigned unsolicited_ = 0;
};

}  // namespace sbx::agent
