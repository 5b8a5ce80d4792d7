#pragma once

#include "daemon/http/access_rules.hpp"
#include "daemon/http/message.hpp"

#include <optional>

namespace sbx::daemon {

// What browsers have to be told before pages of other origins may read answers.
// @source the Fetch standard, "CORS protocol"; Private Network Access, "CORS preflight"

/// Adds to an answer that the page which asked may read it, if the rules say so.
void allow_reading(Response& response, const AccessRules& rules, const RequestHead& head);

/// The answer to a browser that asks ahead whether it may send a request; nothing where it does not.
std::optional<Response> preflight_answer(const AccessRules& rules, const RequestHead& head);

}  // namespace sbx::daemon
