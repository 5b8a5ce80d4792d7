#include "agent/splice.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <utility>

namespace sbx::agent {
namespace {

using wire::Channel;

}  // namespace

void Splice::open(Descriptor socket, Uplink& uplink, std::string early)
{
    socket_ = std::move(socket);
    early_ = std::move(early);
    const int on = 1;
    setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    outlet_.open(Descriptor(fcntl(socket_.get(), F_DUPFD_CLOEXEC, 0)));
    inlet_.attach(socket_.get());
    inlet_.flush(uplink);
    advance(uplink);
}

void Splice::collect(PollSet& set, Uplink& uplink, Pollable& target)
{
    if (!socket_) return;
    if (early_.empty() && outlet_.wants_read() && uplink.idle()) set.add(outlet_.fd(), POLLIN, target);
    // Without any event asked for, the end of both directions is still told.
    if (inlet_.wants_write() || (output_ended_ && !input_ended_))
        set.add(socket_.get(), static_cast<short>(inlet_.wants_write() ? POLLOUT : 0), target);
}

void Splice::on_ready(int fd, short events, Uplink& uplink)
{
    if (fd == outlet_.fd() && outlet_.wants_read() && uplink.idle()) outlet_.relay(uplink, nullptr);
    if (fd == socket_.get()) {
        if (inlet_.wants_write()) inlet_.flush(uplink);
        if (output_ended_ && (events & (POLLERR | POLLHUP)) != 0) inlet_.detach(uplink);
    }
    uplink.flush();
    advance(uplink);
}

void Splice::advance(Uplink& uplink)
{
    if (!socket_) return;
    if (!early_.empty() && uplink.idle()) {
        outlet_.spend(early_.size());
        uplink.add_data(stream_, std::exchange(early_, {}), Channel::input);
    }
    if (!output_ended_ && early_.empty() && !outlet_.is_open()) {
        output_ended_ = true;
        uplink.send(Type::eof, stream_, wire::Nothing{});
    }
    if (!input_ended_ && (inlet_.is_done() || inlet_.is_dropped())) {
        input_ended_ = true;
        shutdown(socket_.get(), SHUT_WR);
    }
}

void Splice::reset()
{
    if (!socket_) return;
    make_abrupt(socket_.get());
    outlet_.close();
    socket_.reset();
}

const char* Splice::take(std::uint8_t channel, std::span<const char> bytes, Uplink& uplink)
{
    if (channel != Channel::input) return "data on a channel that is not open";
    const char* refusal = inlet_.take(bytes, uplink);
    if (!refusal) advance(uplink);
    return refusal;
}

const char* Splice::end(std::uint8_t channel, Uplink& uplink)
{
    if (channel != Channel::input) return "eof on a channel that is not open";
    const char* refusal = inlet_.end();
    if (!refusal) advance(uplink);
    return refusal;
}

const char* Splice::add_credit(std::uint8_t channel, std::uint32_t bytes)
{
    return channel == Channel::input ? outlet_.add_credit(bytes) : "credit on a channel that is not open";
}

void make_abrupt(int socket)
{
    const linger now{.l_onoff = 1, .l_linger = 0};
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

}  // namespace sbx::agent
