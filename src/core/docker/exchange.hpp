#pragma once

#include "core/docker/connection.hpp"

#include <boost/beast/http/verb.hpp>

#include <string>
#include <utility>
#include <vector>

namespace sbx::docker {

/// A request to the Engine API. `target` has no version; its values are already percent-encoded.
struct Request {
    Request(http::verb method_, std::string target_) : method(method_), target(std::move(target_)) {}
    Request(http::verb method_, std::string target_, std::string body_, std::string content_type_ = "application/json")
        : method(method_), target(std::move(target_)), body(std::move(body_)), content_type(std::move(content_type_))
    {
    }

    http::verb method;
    std::string target;
    std::string body;
    std::string content_type;
    std::vector<std::pair<std::string, std::string>> headers;
    /// Length of a body that the caller writes itself after the head.
    std::uint64_t streamed_bytes = 0;
};

/// The bytes of a request's head and body.
std::string render(const Request& request, std::string_view api_version, std::string_view host);

/// Percent-encodes one value of a query or one segment of a path.
std::string encoded(std::string_view value);

/// One request on one connection and its reply.
class Exchange {
   public:
    Exchange(std::shared_ptr<Connection> connection, const Request& request, std::uint64_t body_limit);

    /// @return the status, once the reply's head has arrived
    asio::awaitable<Result<unsigned>> head();
    /// @return the body's next part; empty at its end
    asio::awaitable<Result<std::string>> next();
    /// @return the rest of the body
    asio::awaitable<Result<std::string>> rest();

    /// Of a reply whose head has arrived.
    unsigned status() const { return parser_.get().result_int(); }
    bool is_done() const { return parser_.is_done(); }
    /// A provisional answer (1xx) is not the last one on its connection.
    bool keeps_alive() const { return parser_.is_done() && parser_.get().keep_alive() && status() >= 200; }
    std::string header(std::string_view name) const;
    const std::shared_ptr<Connection>& connection() const { return connection_; }

    http::verb method() const { return method_; }
    const std::string& path() const { return path_; }
    std::chrono::steady_clock::time_point since() const { return since_; }

   private:
    std::shared_ptr<Connection> connection_;
    http::verb method_;
    std::string path_;  ///< without the query
    std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
    ReplyParser parser_;
};

}  // namespace sbx::docker
