#include "core/docker/reply.hpp"

#include <fmt/format.h>

namespace sbx::docker {
namespace {

constexpr std::size_t max_message_bytes = 4096;

Errc code_of(unsigned status)
{
    switch (status) {
        case 400:
            return Errc::invalid_argument;
        case 401:
            return Errc::unauthenticated;
        case 403:
            return Errc::permission_denied;
        case 404:
            return Errc::not_found;
        case 409:
            return Errc::conflict;
        case 413:
            return Errc::too_large;
        case 429:
            return Errc::resource_exhausted;
        case 501:
            return Errc::not_implemented;
        case 502:
        case 503:
            return Errc::unavailable;
        case 504:
            return Errc::deadline_exceeded;
        default:
            return Errc::internal;
    }
}

/// The engine's own words: `{"message": …}`, or whatever a proxy in between said.
std::string message_of(std::string_view body)
{
    const auto json = nlohmann::json::parse(body, nullptr, false);
    std::string message(body);
    if (json.is_object() && json.contains("message") && json["message"].is_string())
        message = json["message"].get<std::string>();
    while (!message.empty() && (message.back() == '\n' || message.back() == '.')) message.pop_back();
    if (message.size() > max_message_bytes) message.resize(max_message_bytes);
    return printable(std::move(message));
}

}  // namespace

std::string printable(std::string words)
{
    for (char& c : words)
        if (const auto byte = static_cast<unsigned char>(c); byte < 0x20 || byte == 0x7f) c = ' ';
    return words;
}

Error error_of(unsigned status, std::string_view body)
{
    const std::string message = message_of(body);
    const std::string hint = status >= 500 ? "sbx doctor" : "";  // other refusals name what was wrong with the request
    if (message.empty())
        return Error(code_of(status), fmt::format("docker: status {} without a message", status), hint);
    return Error(code_of(status), "docker: " + message, hint);
}

Result<nlohmann::json> parse_reply(unsigned status, std::string_view body)
{
    // 304: already in the state that was asked for.
    if ((status < 200 || status > 299) && status != 304) return error_of(status, body);
    if (body.empty()) return nlohmann::json();
    auto json = nlohmann::json::parse(body, nullptr, false);
    if (json.is_discarded()) return Error(Errc::unavailable, "docker: the reply is not JSON", "docker version");
    return json;
}

}  // namespace sbx::docker
