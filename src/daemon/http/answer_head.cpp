#include "daemon/http/answer_head.hpp"

#include "daemon/http/ascii.hpp"

#include <boost/beast/http/status.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace sbx::daemon {
namespace {

void append_number(std::string& out, std::uint64_t number)
{
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

void append_field(std::string& out, std::string_view name, std::string_view value)
{
    out.append(name).append(": ").append(value).append("\r\n");
}

/// These say where the answer ends and are this layer's.
bool is_framing(std::string_view name)
{
    constexpr std::array<std::string_view, 3> names = {"Content-Length", "Transfer-Encoding", "Connection"};
    return std::any_of(names.begin(), names.end(), [&](auto own) { return equals_ignoring_case(name, own); });
}

bool is_sound(std::string_view name, std::string_view value)
{
    return is_token(name) &&
           std::none_of(value.begin(), value.end(), [](char c) { return is_control(c) && c != '\t'; });
}

const char* code_of(unsigned status)
{
    switch (status) {
        case 403:
            return "permission_denied";
        case 408:
            return "deadline_exceeded";
        case 413:
        case 414:
        case 431:
            return "too_large";
        case 500:
            return "internal";
        case 503:
            return "unavailable";
        default:
            return "invalid_argument";
    }
}

}  // namespace

void write_head(std::string& out, const Response& response, const AnswerFraming& framing, std::string_view id,
                std::string_view date)
{
    out.append("HTTP/1.1 ");
    append_number(out, response.status);
    const auto reason = http::obsolete_reason(http::int_to_status(response.status));
    out.append(" ").append(reason.data(), reason.size()).append("\r\n");
    append_field(out, "Date", date);
    append_field(out, "X-Request-Id", id);
    append_field(out, "X-Content-Type-Options", "nosniff");
    bool caching_is_told = false;
    for (const auto& [name, value] : response.headers) {
        if (is_framing(name) || !is_sound(name, value)) continue;
        caching_is_told = caching_is_told || equals_ignoring_case(name, "Cache-Control");
        append_field(out, name, value);
    }
    if (!caching_is_told) append_field(out, "Cache-Control", "no-store");
    if (!response.content_type.empty() && is_sound("Content-Type", response.content_type))
        append_field(out, "Content-Type", response.content_type);
    if (!framing.keep_alive) append_field(out, "Connection", "close");
    if (framing.kind == AnswerFraming::Kind::chunked) append_field(out, "Transfer-Encoding", "chunked");
    if (framing.kind == AnswerFraming::Kind::length) {
        out.append("Content-Length: ");
        append_number(out, framing.length);
        out.append("\r\n");
    }
    out.append("\r\n");
}

void write_switch(std::string& out, std::string_view protocol, const Headers& headers, std::string_view id)
{
    out.append("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n");
    append_field(out, "Upgrade", protocol);
    append_field(out, "X-Request-Id", id);
    for (const auto& [name, value] : headers)
        if (!is_framing(name) && is_sound(name, value)) append_field(out, name, value);
    out.append("\r\n");
}

bool is_bodiless(unsigned status)
{
    return status < 200 || status == 204 || status == 304;
}

std::optional<std::uint64_t> declared_length(const Response& response)
{
    for (const auto& [name, value] : response.headers) {
        if (!equals_ignoring_case(name, "Content-Length")) continue;
        std::uint64_t length = 0;
        const auto [end, failed] = std::from_chars(value.data(), value.data() + value.size(), length);
        if (failed == std::errc() && end == value.data() + value.size()) return length;
    }
    return std::nullopt;
}

Response error_answer(unsigned status, std::string_view message, std::string_view id)
{
    const nlohmann::ordered_json error = {
        {"code", code_of(status)}, {"message", message}, {"hint", nullptr}, {"request_id", id}};
    return Response(status, nlohmann::ordered_json{{"error", error}}.dump());
}

}  // namespace sbx::daemon
