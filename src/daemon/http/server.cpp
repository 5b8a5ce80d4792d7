#include "daemon/http/server.hpp"

#include "daemon/http/connection.hpp"
#include "daemon/http/listener.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>

namespace sbx::daemon {
namespace {

using namespace std::chrono_literals;

constexpr auto sweep_interval = 500ms;

/// Until nobody else holds `timer` any more.
asio::awaitable<void> sweep(std::weak_ptr<ServerState> server, std::shared_ptr<asio::steady_timer> timer)
{
    error_code ec;
    while (!ec) {
        timer->expires_after(sweep_interval);
        co_await timer->async_wait(into(ec));
        const std::shared_ptr<ServerState> alive = server.lock();
        if (ec || !alive) co_return;
        const auto now = Connection::Clock::now();
        for (Connection* connection : alive->connections) connection->sweep(now);
    }
}

Result<ListenSocket> open_socket(const ListenAddress& address)
{
    if (address.descriptor >= 0) return take_listening(address.descriptor);
    if (address.is_local()) return listen_locally(address.path);
    return listen_on(address.address, address.port);
}

}  // namespace

HttpServer::HttpServer(const asio::any_io_executor& executor, HttpLimits limits)
    : state_(std::make_shared<ServerState>(executor, limits)),
      sweep_timer_(std::make_shared<asio::steady_timer>(executor))
{
    auto sweeping = sweep(state_, sweep_timer_);
    asio::co_spawn(executor, std::move(sweeping), asio::detached);
}

HttpServer::~HttpServer()
{
    stop();
    close();
    sweep_timer_->cancel();
}

Result<std::uint16_t> HttpServer::listen(const ListenAddress& address, AccessRules rules, Serve serve,
                                         std::shared_ptr<asio::ssl::context> tls)
{
    Result<ListenSocket> socket = open_socket(address);
    if (!socket) return socket.error();
    const std::uint16_t port = socket->port;
    Site site;
    site.rules = std::move(rules);
    site.rules.port = port;
    site.serve = std::move(serve);
    site.tls = std::move(tls);
    auto listener = std::make_shared<Listener>(state_, std::move(*socket), std::move(site));
    asio::co_spawn(
        state_->executor, [listener] { return listener->run(); }, asio::detached);
    listeners_.push_back(std::move(listener));
    return port;
}

void HttpServer::stop()
{
    state_->stopping = true;
    for (const auto& listener : listeners_) listener->stop();
    for (Connection* connection : state_->connections)
        if (connection->idle_since()) connection->close();
}

void HttpServer::close()
{
    for (Connection* connection : state_->connections) connection->close();
}

void HttpServer::close_unless(const std::function<bool(const Peer& peer, const std::string& key)>& may)
{
    for (Connection* connection : state_->connections)
        if (connection->caller() && !may(connection->peer(), *connection->caller())) connection->close();
}

std::size_t HttpServer::connections() const
{
    return state_->connections.size();
}

void HttpServer::replace_tls(const std::shared_ptr<asio::ssl::context>& tls)
{
    for (const auto& listener : listeners_) listener->replace_tls(tls);
}

void HttpServer::observe(Observer observer)
{
    state_->observer = std::move(observer);
}

}  // namespace sbx::daemon
