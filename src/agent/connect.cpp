#include "agent/connect.hpp"

#include "agent/channels.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace sbx::agent {
namespace {

using wire::Channel;
using wire::FailureCode;

constexpr auto patience = std::chrono::seconds(10);
constexpr std::uint32_t last_port = 65'535;

/// A TCP connection to a port inside, each direction of which ends by itself.
class Connect : public Operation {
   public:
    Connect(Sandbox& sandbox, StreamId id, const wire::Connect& request)
        : Operation(sandbox, id, request.after),
          request_(request),
          inlet_(id, Channel::input),
          outlet_(id, Channel::input, std::min(request.window, wire::max_window))
    {
    }

    void collect(PollSet& set) override;
    void on_ready(int fd, short events) override;
    std::optional<TimePoint> deadline() const override { return deadline_; }
    void on_deadline() override { refuse("no answer from port "); }

    const char* on_data(std::uint8_t channel, std::span<const char> bytes) override;
    const char* on_eof(std::uint8_t channel) override;
    const char* on_credit(std::uint8_t channel, std::uint32_t bytes) override;

   private:
    void run() override;
    void refuse(std::string what);
    void on_connected();
    void advance();

    wire::Connect request_;
    Descriptor socket_;
    Inlet inlet_;
    Outlet outlet_;                      ///< with a descriptor of its own, which it closes at the end
    std::optional<TimePoint> deadline_;  ///< while there is no connection yet
    bool opened_ = false;
    bool output_ended_ = false;
    bool input_ended_ = false;
};

void Connect::run()
{
    if (request_.port == 0 || request_.port > last_port) return fail(FailureCode::invalid, "port out of range");
    if (request_.window == 0 || request_.window > wire::max_window)
        return fail(FailureCode::invalid, "window out of range");
    socket_ = Descriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(request_.port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (!socket_) return fail(FailureCode::internal, "can't make a socket");
    if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        return on_connected();
    if (errno != EINPROGRESS) return refuse("nothing listens on port ");
    deadline_ = Clock::now() + patience;
}

void Connect::refuse(std::string what)
{
    deadline_.reset();
    fail(FailureCode::not_found, std::move(what) + std::to_string(request_.port));
}

void Connect::on_connected()
{
    deadline_.reset();
    int error = 0;
    socklen_t length = sizeof error;
    const int on = 1;
    getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) return refuse("nothing listens on port ");
    setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    outlet_.open(Descriptor(fcntl(socket_.get(), F_DUPFD_CLOEXEC, 0)));
    inlet_.attach(socket_.get());
    opened_ = true;
    uplink().send(Type::opened, id(), wire::Nothing{});
    inlet_.flush(uplink());
    advance();
}

void Connect::collect(PollSet& set)
{
    if (has_ended() || !socket_) return;
    if (outlet_.wants_read() && uplink().idle()) set.add(outlet_.fd(), POLLIN, *this);
    const bool writing = !opened_ || inlet_.wants_write();
    // Without any event asked for, the end of both directions is still told.
    if (writing || (output_ended_ && !input_ended_))
        set.add(socket_.get(), static_cast<short>(writing ? POLLOUT : 0), *this);
}

void Connect::on_ready(int fd, short events)
{
    if (has_ended()) return;
    if (!opened_) return on_connected();
    if (fd == outlet_.fd() && outlet_.wants_read() && uplink().idle()) outlet_.relay(uplink(), nullptr);
    if (fd == socket_.get()) {
        if (inlet_.wants_write()) inlet_.flush(uplink());
        if (output_ended_ && (events & (POLLERR | POLLHUP)) != 0) inlet_.detach(uplink());
    }
    uplink().flush();
    advance();
}

/// Passes on the end of either direction. The reply comes when both have ended.
void Connect::advance()
{
    if (has_ended() || !opened_) return;
    if (!output_ended_ && !outlet_.is_open()) {
        output_ended_ = true;
        uplink().send(Type::eof, id(), wire::Nothing{});
    }
    if (!input_ended_ && (inlet_.is_done() || inlet_.is_dropped())) {
        input_ended_ = true;
        shutdown(socket_.get(), SHUT_WR);
    }
    if (output_ended_ && input_ended_) reply({});
}

const char* Connect::on_data(std::uint8_t channel, std::span<const char> bytes)
{
    if (channel != Channel::input) return Operation::on_data(channel, bytes);
    const char* refusal = inlet_.take(bytes, uplink());
    if (!refusal) advance();
    return refusal;
}

const char* Connect::on_eof(std::uint8_t channel)
{
    if (channel != Channel::input) return Operation::on_eof(channel);
    const char* refusal = inlet_.end();
    if (!refusal) advance();
    return refusal;
}

const char* Connect::on_credit(std::uint8_t channel, std::uint32_t bytes)
{
    return channel == Channel::input ? outlet_.add_credit(bytes) : Operation::on_credit(channel, bytes);
}

}  // namespace

std::unique_ptr<Operation> make_connect(Sandbox& sandbox, StreamId id, wire::Connect request)
{
    return std::make_unique<Connect>(sandbox, id, request);
}

}  // namespace sbx::agent
