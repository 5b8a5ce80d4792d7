#pragma once

#include "core/docker/connection.hpp"

#include <memory>
#include <vector>

namespace sbx::docker {

/// Kept-alive connections to one endpoint.
class ConnectionPool {
   public:
    ConnectionPool(asio::any_io_executor executor, Endpoint endpoint);

    /// @return an idle connection, else a new one
    asio::awaitable<Result<std::shared_ptr<Connection>>> take();
    /// Keeps `connection` for the next call; drops it when enough are kept.
    void give_back(std::shared_ptr<Connection> connection);

    const Endpoint& endpoint() const { return endpoint_; }
    const asio::any_io_executor& executor() const { return executor_; }

   private:
    asio::any_io_executor executor_;
    Endpoint endpoint_;
    std::vector<std::shared_ptr<Connection>> idle_;
};

}  // namespace sbx::docker
