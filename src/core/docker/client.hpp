#pragma once

#include "core/docker/connection_pool.hpp"
#include "core/docker/exchange.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <string>

namespace sbx::docker {

/// Told of every call: method, path without its query, status (0: no answer), duration. Never of a value.
using Trace = std::function<void(std::string_view method, std::string_view path, unsigned status,
                                 std::chrono::microseconds duration)>;

inline constexpr std::chrono::seconds default_limit(5);
inline constexpr std::uint64_t max_reply_bytes = 32ULL << 20;

/// Speaks HTTP/1.1 to one engine, at the API version that both know. Calls may overlap; each has its own connection.
class Client {
   public:
    Client(asio::any_io_executor executor, Endpoint endpoint, Trace trace);

    /// One whole call: JSON back, or the Error its status means.
    /// Tried again once when a kept-alive connection turns out to be closed and the request surely had no effect, or
    /// can be repeated.
    /// @error deadline_exceeded  no whole reply within `limit`
    asio::awaitable<Result<nlohmann::json>> call(Request request, std::chrono::milliseconds limit);
    /// The same, without a look at the body.
    asio::awaitable<Result<std::string>> call_raw(Request request, std::chrono::milliseconds limit,
                                                  std::uint64_t max_body_bytes);

    /// Sends `request`, once, and leaves the reply to the caller, who also moves its deadline.
    asio::awaitable<Result<std::shared_ptr<Exchange>>> send(Request request, std::chrono::milliseconds limit,
                                                            std::uint64_t max_body_bytes);
    /// Reads the whole reply and keeps the connection for other calls.
    asio::awaitable<Result<std::string>> complete(std::shared_ptr<Exchange> exchange);
    /// Reads the reply's head; any status but 2xx or 101 is its Error.
    asio::awaitable<Result<void>> begin(std::shared_ptr<Exchange> exchange);

    /// Agrees on the API version. Every answer tells it, so a first call that only asks does without.
    /// @error unavailable  the engine is too old, or it is Podman
    asio::awaitable<Result<void>> negotiate();
    const std::string& api_version() const { return api_version_; }

    const Endpoint& endpoint() const { return pool_.endpoint(); }
    const asio::any_io_executor& executor() const { return pool_.executor(); }

   private:
    void set_deadline(Connection& connection, std::chrono::milliseconds limit) const;
    void report(const Exchange& exchange, unsigned status) const;
    void finish(const Exchange& exchange);

    ConnectionPool pool_;
    Trace trace_;
    std::string host_;  ///< of the Host header
    std::string api_version_;
};

/// The Host header of every request to `endpoint`.
std::string host_header(const Endpoint& endpoint);

/// The version to speak with an engine whose newest is `offered`.
/// @error unavailable  it is older than the oldest we know
Result<std::string> choose_api_version(std::string_view offered);

}  // namespace sbx::docker
