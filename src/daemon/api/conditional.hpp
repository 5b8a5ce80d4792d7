#pragma once

#include "daemon/api/entity_tag.hpp"
#include "daemon/api/route.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace sbx::daemon {

/// Adds the ETag of what is answered, or was written: its client may keep it, and asks each time whether it is still
/// so.
void add_tag(Response& response, std::string tag);

/// What a request is told whose If-Match or If-None-Match says that it is not to be served; nothing where it is.
/// @param tag  as `check_preconditions`
std::optional<Response> refusal_by_preconditions(const RequestHead& head, const std::optional<std::string>& tag,
                                                 const ErrorShape& errors);

/// Gives a route's answers of JSON an ETag, that of their bytes; a GET whose client has them already is told 304.
void make_tagged(Route& route);

/// The ETag of what stands at a request's target now; nothing: there is nothing.
/// @error  anything: the route itself says what is wrong
using CurrentTag =
    std::function<asio::awaitable<Result<std::optional<std::string>>>(Call& call, const nlohmann::json& parameters)>;
/// The targets that are being changed under a precondition: of two such requests at a time the second is told 409.
using ConditionalTurns = std::set<std::string>;

/// Lets a route that changes something take If-Match and If-None-Match.
/// @param turns  shared by all routes of the same targets
void make_conditional(Route& route, std::shared_ptr<ConditionalTurns> turns, CurrentTag current);

/// Says in the document what preconditions do to a route.
void document_preconditions(Route& route);

}  // namespace sbx::daemon
