#pragma once

#include "daemon/api/decode.hpp"
#include "daemon/api/error_shape.hpp"
#include "daemon/api/request_json.hpp"
#include "daemon/api/schema.hpp"
#include "daemon/http/exchange.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sbx::daemon {

/// Who makes a request.
struct Caller {
    std::string key;           ///< the key's id; empty where none was asked
    bool is_operator = false;  ///< on the Unix socket of the daemon's own user: no key, no hard limits
    std::string tenant;        ///< that a token named; empty: it was none
    std::string subject;       ///< likewise, whom it is about

    /// Whether something that `owner` made may be seen: whose it is not, for them it is not there.
    bool owns(const std::string& owner) const { return is_operator || key == owner; }
};

/// One request on its way to a handler.
struct Call {
    Call(Exchange& exchange_, Caller caller_) : exchange(exchange_), caller(std::move(caller_)) {}

    Exchange& exchange;
    Caller caller;
    std::vector<std::pair<std::string, std::string>> headers;  ///< for the answer: Location, ETag
    std::vector<FieldError> wrong;  ///< members that the handler cannot take: told of in place of its answer
};

/// A header that a request may have.
struct HeaderText {
    std::string name;
    std::string description;
};

/// A status that an answer may have beside the usual one and those of errors.
struct OtherStatus {
    unsigned status = 0;
    std::string description;
};

/// What a document says of a route beside its types.
struct RouteText {
    std::string summary;
    std::string tag;
    std::string description = {};
    std::vector<Errc> errors = {};              ///< beside those that every route has
    unsigned status = 200;                      ///< when it succeeds
    std::string produces = "application/json";  ///< empty: no body
    std::string consumes = "application/json";  ///< of routes that read the body themselves
    std::vector<HeaderText> headers = {};
    std::vector<OtherStatus> others = {};
};

/// Whether a request that is sound in itself is served now.
struct Admittance {
    std::optional<Response> refusal = std::nullopt;
    std::shared_ptr<void> held = nullptr;  ///< goes once the request was served
};
/// @param parameters  of the path, an object of texts
using Guard = std::function<asio::awaitable<Admittance>(Call& call, const nlohmann::json& parameters)>;

/// What becomes of a request whose path has a final slash too many, or lacks one.
enum class FinalSlash {
    counts,     ///< it is another path
    redirects,  ///< told where to go, as Starlette does
    ignored,    ///< and so are doubled slashes
};

struct Route;
class Access;

/// What a route does with its request, and how it is described.
class Endpoint {
   public:
    virtual ~Endpoint() = default;
    /// @param parameters  of the path, an object of texts
    virtual asio::awaitable<void> serve(Call& call, const Route& route, nlohmann::json parameters) const = 0;
    /// @param operation  OpenAPI's object of the route, whose parameters, body and answer are filled in
    virtual void describe(Schemas& schemas, const Route& route, nlohmann::ordered_json& operation) const = 0;
};

/// One method of one path. A word in braces is a parameter, and its name a member of the request.
struct Route {
    http::verb method = http::verb::get;
    std::string pattern;
    RouteText text;
    std::shared_ptr<const ErrorShape> errors;
    Reading reading;
    bool reads_body = false;  ///< members that are no parameter come from its JSON; else from the query
    std::size_t most_body_bytes = most_json_bytes;
    FinalSlash final_slash = FinalSlash::counts;
    std::shared_ptr<Access> access;  ///< who may come; null: whom the daemon lets in
    bool open = false;               ///< needs no key
    bool closes = false;             ///< its answers end their connections
    bool passes_on = false;          ///< takes every method; its query and its body are for somebody else
    std::vector<Guard> guards = {};  ///< asked one after the other once the request was read, before it is served
    std::shared_ptr<const Endpoint> endpoint;
};

/// Nothing but an answer's status.
struct Nothing {};
BOOST_DESCRIBE_STRUCT(Nothing, (), ())

}  // namespace sbx::daemon
