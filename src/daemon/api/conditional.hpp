#pragma once

#include "daemon/api/entity_tag.hpp"
#include "daemon/api/route.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace sbx::daemon {

/// Adds the ETag of what is answered, or was written.
void add_tag(Response& response, std::string tag);

/// What a request is told whose If-Match or If-None-Match says that it is not to be served; nothing where it is.
/// @param tag  as `check_preconditions`
std::optional<Response> refusal_by_preconditions(const RequestHead& head, const std::optional<std::string>& tag,
                                                 const ErrorShape& errors);

/// Gives a route's answers of JSON an ETag, that of their bytes; a GET whose client has them already is told 304.
void make_tagged(Route& route);

/// The ETag of what stands at a request's target now; nothing: there is nothing.
/// @error not_found  what it would be in is not there, or not the caller's: the route itself says so
using CurrentTag =
    std::function<asio::awaitable<Result<std::optional<std::string>>>(Call& call, const nlohmann::json& parameters)>;
/// What a request's target is called, whichever way it is written.
using TargetName = std::function<std::string(const Call& call, const nlohmann::json& parameters)>;
/// What is being changed under a precondition: of two such requests at a time the second is told 409.
using Claims = std::set<std::string>;

/// How a route knows what it is about to change.
struct Conditions {
    CurrentTag tag;
    TargetName name;
    std::shared_ptr<Claims> claims = std::make_shared<Claims>();  ///< of all routes of the same targets
};
/// Lets a route that changes something take If-Match and If-None-Match.
void make_conditional(Route& route, const Conditions& conditions);

/// Says in the document what preconditions do to a route.
void document_preconditions(Route& route);

}  // namespace sbx::daemon
