#include "agent/connection.hpp"

#include <unistd.h>

#include <cerrno>

namespace sbx::agent {
namespace {

constexpr std::size_t read_bytes = 256 << 10;

}  // namespace

void Connection::collect(PollSet& set)
{
    if (state_ != State::open) return;
    if (!uplink_.crowded()) set.add(from_, POLLIN, *this);
    if (!uplink_.idle()) set.add(uplink_.fd(), POLLOUT, *this);
}

void Connection::on_ready(int fd, short events)
{
    // Early, so that what waits for an idle uplink can go on in this round.
    if (fd == uplink_.fd() && (events & ~POLLIN) != 0) flush();
    if (fd == from_ && (events & ~POLLOUT) != 0 && state_ == State::open) read();
}

void Connection::flush()
{
    if (state_ == State::open && !uplink_.flush()) state_ = State::gone;
}

void Connection::read()
{
    static char bytes[read_bytes];
    const long count = ::read(from_, bytes, sizeof bytes);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return give_up();
    if (decoder_.feed({bytes, static_cast<std::size_t>(count)}, *this) && state_ == State::open) state_ = State::broken;
}

const char* Connection::on_control(const wire::Header& header, std::string_view json)
{
    return state_ == State::open ? handler_.on_control(*this, header, json) : nullptr;
}

const char* Connection::on_bytes(const wire::Header& header, std::span<const char> piece)
{
    return state_ == State::open ? handler_.on_bytes(*this, header, piece) : nullptr;
}

}  // namespace sbx::agent
