#pragma once

#include "core/docker/connection_pool.hpp"
#include "core/docker/exchange.hpp"
#include "sbx/engine.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sbx {

/// Where a daemon is, and what it wants to be shown.
struct DaemonAddress {
    docker::Endpoint endpoint;
    std::string key;  ///< empty: none
    std::vector<std::pair<std::string, std::string>> headers = {};
};

/// `unix:PATH`, `http(s)://HOST[:PORT]` or `HOST[:PORT]`; the port is 8000 unless said.
/// @param key  may be empty
/// @error invalid_argument
Result<DaemonAddress> parse_daemon_address(std::string text, std::string key);

/// What is said of an answer that cannot be read.
Error unknown_answer();

/// Speaks to a daemon's `/v1` (docs/serve.md).
class DaemonClient {
   public:
    DaemonClient(const asio::any_io_executor& executor, DaemonAddress address);

    /// One request and its answer.
    /// @param body  null: none
    /// @error unavailable  nobody answers there, or no daemon
    /// @error what the daemon says, by its code
    asio::awaitable<Result<nlohmann::json>> call(docker::http::verb method, std::string target, nlohmann::json body,
                                                 std::chrono::milliseconds limit);
    /// A request that is answered by 101: from then on the connection is another protocol's.
    /// @error as `call`
    asio::awaitable<Result<std::unique_ptr<Channel>>> open(docker::http::verb method, std::string target,
                                                           nlohmann::json body, std::chrono::milliseconds limit);

   private:
    asio::awaitable<Result<std::shared_ptr<docker::Exchange>>> send(docker::Request request,
                                                                    std::chrono::milliseconds limit);
    docker::Request request(docker::http::verb method, std::string target, const nlohmann::json& body) const;
    Error unreachable(const Error& error) const;

    docker::ConnectionPool pool_;
    std::string host_;
    std::vector<std::pair<std::string, std::string>> headers_;
};

}  // namespace sbx
