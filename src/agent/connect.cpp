#include "agent/connect.hpp"

#include "agent/splice.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace sbx::agent {
namespace {

using wire::FailureCode;

constexpr auto patience = std::chrono::seconds(10);
constexpr std::uint32_t last_port = 65'535;

/// A TCP connection to a port inside.
class Connect : public Operation {
   public:
    Connect(Sandbox& sandbox, StreamId id, const wire::Connect& request)
        : Operation(sandbox, id, request.after),
          request_(request),
          splice_(id, std::min(request.window, wire::max_window))
    {
    }

    void collect(PollSet& set) override;
    void on_ready(int fd, short events) override;
    std::optional<TimePoint> deadline() const override { return deadline_; }
    void on_deadline() override { refuse("no answer from port "); }

    const char* on_data(std::uint8_t channel, std::span<const char> bytes) override
    {
        return after(splice_.take(channel, bytes, uplink()));
    }
    const char* on_eof(std::uint8_t channel) override { return after(splice_.end(channel, uplink())); }
    const char* on_credit(std::uint8_t channel, std::uint32_t bytes) override
    {
        return splice_.add_credit(channel, bytes);
    }

   private:
    void run() override;
    void refuse(std::string what);
    void on_connected();
    const char* after(const char* refusal);

    wire::Connect request_;
    Descriptor socket_;  ///< until it is connected
    Splice splice_;
    std::optional<TimePoint> deadline_;  ///< while there is no connection yet
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
    getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) return refuse("nothing listens on port ");
    uplink().send(Type::opened, id(), wire::Nothing{});
    splice_.open(std::move(socket_), uplink());
    after(nullptr);
}

void Connect::collect(PollSet& set)
{
    if (has_ended()) return;
    if (socket_) set.add(socket_.get(), POLLOUT, *this);
    splice_.collect(set, uplink(), *this);
}

void Connect::on_ready(int fd, short events)
{
    if (has_ended()) return;
    if (!splice_.is_open()) return on_connected();
    splice_.on_ready(fd, events, uplink());
    after(nullptr);
}

/// The reply comes when both directions have ended.
const char* Connect::after(const char* refusal)
{
    if (!refusal && !has_ended() && splice_.is_over()) reply({});
    return refusal;
}

}  // namespace

std::unique_ptr<Operation> make_connect(Sandbox& sandbox, StreamId id, wire::Connect request)
{
    return std::make_unique<Connect>(sandbox, id, request);
}

}  // namespace sbx::agent
