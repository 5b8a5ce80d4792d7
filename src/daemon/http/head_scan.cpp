#include "daemon/http/head_scan.hpp"

#include "daemon/http/ascii.hpp"

namespace sbx::daemon {
namespace {

constexpr std::size_t longest_method = 16;
constexpr std::string_view version = "HTTP/1.1";

/// The methods that somebody may serve. What else there is in HTTP changes how a connection is understood (CONNECT), or
/// hands out what a page must not see (TRACE).
http::verb served(std::string_view method)
{
    const http::verb verb = http::string_to_verb(method);
    switch (verb) {
        case http::verb::get:
        case http::verb::head:
        case http::verb::post:
        case http::verb::put:
        case http::verb::patch:
        case http::verb::delete_:
        case http::verb::options:
            return verb;
        default:
            return http::verb::unknown;
    }
}

}  // namespace

HeadScan::State HeadScan::feed(std::string_view bytes)
{
    while (state_ == State::need_more && scanned_ < bytes.size())
        if (!take_byte(bytes)) break;
    return state_;
}

HeadScan::State HeadScan::refuse(unsigned status, std::string message)
{
    refusal_ = Refusal(status, "protocol_error", std::move(message));
    return state_ = State::refused;
}

bool HeadScan::take_byte(std::string_view bytes)
{
    const char byte = bytes[scanned_];
    const bool after_return = scanned_ > line_start_ && bytes[scanned_ - 1] == '\r';
    if (after_return != (byte == '\n')) return refuse(400, "a line of the head does not end with CR LF"), false;
    if (scanned_ == limits_.head_bytes) return refuse(431, "the head is too long"), false;
    ++scanned_;
    if (byte == '\n') {
        const std::string_view line = bytes.substr(line_start_, scanned_ - line_start_ - 2);
        line_start_ = scanned_;
        return take_line(line);
    }
    if (is_control(byte) && byte != '\r' && byte != '\t')
        return refuse(400, "the head holds a control character"), false;
    if (!in_fields_ && scanned_ > longest_method + limits_.target_bytes + version.size() + 3)
        return refuse(414, "the target is too long"), false;
    return true;
}

bool HeadScan::take_line(std::string_view line)
{
    if (!in_fields_) return take_request_line(line);
    if (line.empty()) return end();
    return take_field(line);
}

bool HeadScan::take_request_line(std::string_view line)
{
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) return refuse(400, "this is no HTTP request"), false;
    const std::string_view method = line.substr(0, first);
    if (!is_token(method) || method.size() > longest_method) return refuse(400, "this is no HTTP request"), false;
    if (line.substr(last + 1) != version) return refuse(400, "the version must be HTTP/1.1"), false;
    head_.method = served(method);
    if (head_.method == http::verb::unknown) return refuse(405, "this method is not served"), false;
    in_fields_ = true;
    return take_target(line.substr(first + 1, last - first - 1));
}

bool HeadScan::take_target(std::string_view target)
{
    if (target.size() > limits_.target_bytes) return refuse(414, "the target is too long"), false;
    if (target.empty() || target.front() != '/') return refuse(400, "the target must begin with a slash"), false;
    // Sent back in a redirect, two would name a host.
    if (target.substr(0, 2) == "//") return refuse(400, "the target begins with two slashes"), false;
    if (target.find_first_of(" \t#") != std::string_view::npos)
        return refuse(400, "the target holds a blank or a fragment"), false;
    head_.target = target;
    return true;
}

bool HeadScan::take_field(std::string_view line)
{
    if (++fields_ > limits_.head_fields) return refuse(431, "the head has too many fields"), false;
    if (line.front() == ' ' || line.front() == '\t') return refuse(400, "a field is folded"), false;
    const std::size_t colon = line.find(':');
    // A space before the colon is no part of a token either.
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
        return refuse(400, "the name of a field is malformed"), false;
    head_.fields.insert(line.substr(0, colon), trimmed(line.substr(colon + 1)));
    return true;
}

bool HeadScan::end()
{
    if (auto refusal = read_framing(head_.method, head_.fields, head_.framing)) {
        refusal_ = std::move(*refusal);
        state_ = State::refused;
    } else {
        state_ = State::complete;
    }
    return false;
}

}  // namespace sbx::daemon
