#pragma once

#include "sbx/result.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace sbx::docker {

/// The body of a reply as JSON, or the Error that its status means. An empty body is null.
Result<nlohmann::json> parse_reply(unsigned status, std::string_view body);

/// The Error of a reply whose status is not 2xx.
Error error_of(unsigned status, std::string_view body);

/// Words of an engine or a registry without what a terminal would obey.
std::string printable(std::string words);

/// Reads fields of an engine's JSON: a wrong type is an Error, not an exception.
template <class Read>
auto read_json(const nlohmann::json& in, Read read) -> Result<decltype(read(in))>
try {
    return read(in);
} catch (const nlohmann::json::exception& e) {
    return Error(Errc::unavailable, std::string("docker: a reply of an unknown form: ") + e.what(), "docker version");
}

}  // namespace sbx::docker
