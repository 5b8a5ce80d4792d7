#include "core/docker/connection_pool.hpp"

#include <utility>

namespace sbx::docker {
namespace {

constexpr std::size_t max_idle = 8;
constexpr std::chrono::seconds connect_limit(5);
constexpr std::chrono::seconds handshake_limit(10);

}  // namespace

ConnectionPool::ConnectionPool(asio::any_io_executor executor, Endpoint endpoint)
    : executor_(std::move(executor)), endpoint_(std::move(endpoint))
{
}

asio::awaitable<Result<std::shared_ptr<Connection>>> ConnectionPool::take()
{
    while (!idle_.empty()) {
        std::shared_ptr<Connection> connection = std::move(idle_.back());
        idle_.pop_back();
        if (!connection->is_fresh()) continue;
        connection->mark_reused();
        co_return connection;
    }
    const auto limit = endpoint_.scheme == Scheme::tls ? handshake_limit : connect_limit;
    auto transport = co_await connect(executor_, endpoint_, limit);
    if (!transport) co_return transport.error();
    co_return std::make_shared<Connection>(executor_, std::move(*transport));
}

void ConnectionPool::give_back(std::shared_ptr<Connection> connection)
{
    connection->expire_never();
    if (idle_.size() < max_idle && !connection->is_closed()) idle_.push_back(std::move(connection));
}

}  // namespace sbx::docker
