#pragma once

#include <boost/beast/http/fields.hpp>

#include <string_view>

namespace sbx::daemon {

namespace http = boost::beast::http;

/// Whether a field of a message is for the next program on its way alone, as it always is or as its Connection says.
/// @source RFC 9110, section 7.6.1; RFC 9112, section 9.3
bool is_for_next_hop(const http::fields& message, std::string_view name);

}  // namespace sbx::daemon
