#include "agent/tunnel.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace sbx::agent {
namespace {

using namespace std::chrono_literals;

constexpr auto time_to_say = 10s;
constexpr auto time_to_hear = 2s;

}  // namespace

Tunnel::Tunnel(StreamSource& source, Descriptor socket, const std::string& host, std::uint16_t port)
    : source_(source), socket_(std::move(socket))
{
    ask(host, port);
}

Tunnel::Tunnel(StreamSource& source, Descriptor socket)
    : source_(source),
      socket_(std::move(socket)),
      proxy_(ProxyRequest::Kind::connect),
      deadline_(Clock::now() + time_to_say)
{
}

void Tunnel::ask(const std::string& host, std::uint16_t port)
{
    state_ = State::asked;
    stream_ = source_.ask(host, port);
}

void Tunnel::collect(PollSet& set)
{
    if (state_ == State::open) return splice_->collect(set, source_.uplink(), *this);
    if (state_ == State::reading || state_ == State::telling) set.add(socket_.get(), POLLIN, *this);
}

std::optional<TimePoint> Tunnel::deadline() const
{
    if (state_ == State::reading || state_ == State::telling) return deadline_;
    return std::nullopt;
}

void Tunnel::on_ready(int fd, short events)
{
    if (state_ == State::open) return splice_->on_ready(fd, events, source_.uplink());
    if (state_ == State::reading || state_ == State::telling) read();
}

void Tunnel::read()
{
    char bytes[4'096];
    const long count = ::read(socket_.get(), bytes, sizeof bytes);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return finish();
    if (state_ == State::telling) return;
    heard_.append(bytes, static_cast<std::size_t>(count));
    for (bool more = true; more && state_ == State::reading;) {
        ProxyRequest request = read_proxy_request(heard_, greeted_);
        more = request.state == ProxyRequest::State::answer;
        on_request(std::move(request));
    }
}

void Tunnel::on_request(ProxyRequest request)
{
    switch (request.state) {
        case ProxyRequest::State::incomplete:
            return;
        case ProxyRequest::State::answer:
            say(request.reply);
            greeted_ = true;
            heard_.erase(0, request.used);
            return;
        case ProxyRequest::State::complete:
            proxy_ = request.kind;
            early_ = std::move(request.early);
            early_.append(heard_, request.used);
            return ask(request.host, request.port);
        case ProxyRequest::State::refused:
            return tell(request.reply);
    }
}

/// What is said here is short, and the first that is written: it fits, or nobody wants to hear it.
void Tunnel::say(const std::string& text)
{
    if (!text.empty()) send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

/// Closed with something unread, the connection would break before the program has heard why.
void Tunnel::tell(const std::string& text)
{
    say(text);
    shutdown(socket_.get(), SHUT_WR);
    state_ = State::telling;
    deadline_ = Clock::now() + time_to_hear;
}

void Tunnel::settle()
{
    if (deadline() && *deadline() <= Clock::now()) return finish();
    if (state_ != State::open) return;
    splice_->advance(source_.uplink());
    if (splice_->is_over()) finish();
}

void Tunnel::finish()
{
    if (state_ == State::over) return;
    state_ = State::over;
    if (stream_ != 0) source_.uplink().send(Type::close, stream_, wire::Nothing{});
    stream_ = 0;
    socket_.reset();
    splice_.reset();
}

void Tunnel::abandon()
{
    stream_ = 0;
    if (socket_) make_abrupt(socket_.get());
    if (splice_) splice_->reset();
    finish();
}

const char* Tunnel::on_opened()
{
    if (state_ != State::asked) return "a connection was opened twice";
    if (proxy_) say(proxy_success(*proxy_));
    splice_ = std::make_unique<Splice>(stream_, wire::initial_window);
    splice_->open(std::move(socket_), source_.uplink(), std::move(early_));
    state_ = State::open;
    return nullptr;
}

const char* Tunnel::on_refused(const wire::Failure& failure)
{
    if (state_ != State::asked) return "a connection was refused that is open";
    source_.uplink().send(Type::close, std::exchange(stream_, 0), wire::Nothing{});
    if (proxy_)
        tell(proxy_failure(*proxy_, failure.code == wire::FailureCode::denied, failure.message));
    else
        abandon();
    return nullptr;
}

const char* Tunnel::on_data(std::uint8_t channel, std::span<const char> bytes)
{
    if (state_ != State::open) return "data before the connection is open";
    return splice_->take(channel, bytes, source_.uplink());
}

const char* Tunnel::on_eof(std::uint8_t channel)
{
    if (state_ != State::open) return "eof before the connection is open";
    return splice_->end(channel, source_.uplink());
}

const char* Tunnel::on_credit(std::uint8_t channel, std::uint32_t bytes)
{
    if (state_ != State::open) return "credit before the connection is open";
    return splice_->add_credit(channel, bytes);
}

/// The other end broke the connection, or it may not be any more: so it is for the program.
void Tunnel::on_close()
{
    if (socket_) make_abrupt(socket_.get());
    if (splice_) splice_->reset();
    finish();
}

}  // namespace sbx::agent
