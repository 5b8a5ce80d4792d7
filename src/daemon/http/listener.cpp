#include "daemon/http/listener.hpp"

#include "daemon/http/answer_head.hpp"
#include "daemon/http/connection.hpp"
#include "daemon/http/serve_connection.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace sbx::daemon {
namespace {

using namespace std::chrono_literals;

constexpr int most_at_once = 64;  // then others get their turn
constexpr auto pause_without_descriptors = 50ms;

Descriptor open_spare()
{
    return Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

}  // namespace

Listener::Listener(std::shared_ptr<ServerState> server, ListenSocket socket, Site site)
    : server_(std::move(server)),
      socket_(std::move(socket)),
      site_(std::make_shared<const Site>(std::move(site))),
      readable_(server_->executor, socket_.descriptor.release()),
      spare_(open_spare())
{
}

Listener::~Listener()
{
    Listener::stop();
}

asio::awaitable<void> Listener::run()
{
    asio::steady_timer pause(server_->executor);
    while (!stopped_) {
        error_code ec;
        co_await readable_.async_wait(asio::posix::stream_descriptor::wait_read, into(ec));
        if (ec || stopped_) co_return;
        int accepted = 0;
        while (accepted < most_at_once && accept()) ++accepted;
        if (accepted > 0 || errno == EAGAIN || errno == ECONNABORTED) continue;
        // No descriptors: whoever waits has been turned away. Others may become free.
        pause.expires_after(pause_without_descriptors);
        co_await pause.async_wait(into(ec));
    }
}

bool Listener::accept()
{
    std::optional<Accepted> accepted = accept_one(readable_.native_handle());
    if (accepted) {
        take(std::move(*accepted));
        return true;
    }
    const int failed = errno;
    if (failed == EMFILE || failed == ENFILE) refuse_for_lack_of_descriptors();
    errno = failed;
    return false;
}

void Listener::take(Accepted accepted)
{
    if (!accepted.is_welcome) return turn_away(std::move(accepted), "peer_refused");
    if (has_too_many(accepted.peer)) return turn_away(std::move(accepted), "address_limit");
    if (!make_room()) return turn_away(std::move(accepted), "connection_limit");
    error_code ec;
    Socket socket(server_->executor);
    const int descriptor = accepted.descriptor.release();
    socket.assign(Socket::protocol_type(accepted.family, 0), descriptor, ec);
    if (ec) {
        ::close(descriptor);
        return;
    }
    auto stream = site_->tls ? make_tls_stream(std::move(socket), site_->tls) : make_plain_stream(std::move(socket));
    auto connection = std::make_shared<Connection>(server_, site_, std::move(stream), std::move(accepted.peer));
    asio::co_spawn(
        server_->executor, [connection] { return serve_connection(connection); }, asio::detached);
}

/// Closes the connection that has been without a request for longest where there are too many.
bool Listener::make_room()
{
    const auto& all = server_->connections;
    if (all.size() < server_->limits.connections) return true;
    const auto longer = [](const Connection* a, const Connection* b) {
        return a->idle_since().value_or(Connection::TimePoint::max()) <
               b->idle_since().value_or(Connection::TimePoint::max());
    };
    const auto oldest = std::min_element(all.begin(), all.end(), longer);
    if (oldest == all.end() || !(*oldest)->idle_since()) return false;
    (*oldest)->close();
    (*oldest)->set_idle(std::nullopt);
    return true;
}

bool Listener::has_too_many(const Peer& peer) const
{
    if (peer.kind != Peer::Kind::remote) return false;
    const auto found = server_->per_address.find(peer.address);
    return found != server_->per_address.end() && found->second >= server_->limits.connections_per_address;
}

/// Says why as far as that is possible at once.
void Listener::turn_away(Accepted accepted, const char* event)
{
    const bool busy = accepted.is_welcome;
    AccessRecord record;
    record.event = event;
    record.peer = &accepted.peer;
    if (busy && !site_->tls) {
        const std::string id = server_->ids.next();
        Response response = error_answer(503, "too many connections", id);
        response.headers.emplace_back("Retry-After", "1");
        AnswerFraming framing;
        framing.kind = AnswerFraming::Kind::length;
        framing.length = response.body.size();
        framing.keep_alive = false;
        std::string out;
        write_head(out, response, framing, id, server_->date.now());
        out += response.body;
        ::send(accepted.descriptor.get(), out.data(), out.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        ::shutdown(accepted.descriptor.get(), SHUT_WR);
        // What the client has sent already would make the close a reset, which throws the answer away.
        std::array<char, 4096> unread;
        ::recv(accepted.descriptor.get(), unread.data(), unread.size(), MSG_DONTWAIT);
        record.status = response.status;
    }
    server_->tell(record);
}

/// Else the connection would stay in the queue, and the queue readable.
void Listener::refuse_for_lack_of_descriptors()
{
    spare_.reset();
    std::optional<Accepted> accepted = accept_one(readable_.native_handle());
    if (accepted) turn_away(std::move(*accepted), "out_of_descriptors");
    spare_ = open_spare();
}

void Listener::stop()
{
    if (std::exchange(stopped_, true)) return;
    error_code ignored;
    readable_.close(ignored);
    remove_file(socket_);
}

void Listener::replace_tls(const std::shared_ptr<asio::ssl::context>& tls)
{
    if (!site_->tls || !tls) return;
    Site site = *site_;
    site.tls = tls;
    site_ = std::make_shared<const Site>(std::move(site));
}

}  // namespace sbx::daemon
