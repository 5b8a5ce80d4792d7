#include "agent/proxy_request.hpp"

#include <algorithm>
#include <charconv>

namespace sbx::agent {
namespace {

using State = ProxyRequest::State;
using Kind = ProxyRequest::Kind;

constexpr char socks_version = 5;

enum SocksReply : char { granted = 0, not_allowed = 2, unreachable = 4, no_such_command = 7, no_such_address = 8 };

std::string http_reply(std::string_view status, std::string_view text)
{
    std::string reply = "HTTP/1.1 ";
    reply += status;
    reply += "\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: ";
    reply += std::to_string(text.size() + 1);
    reply += "\r\n\r\n";
    reply += text;
    reply += '\n';
    return reply;
}

/// A reply that names no address: there is none that would mean anything to a program.
std::string socks_reply(SocksReply code)
{
    return {socks_version, code, 0, 1, 0, 0, 0, 0, 0, 0};
}

ProxyRequest refuse(std::string reply)
{
    ProxyRequest request;
    request.state = State::refused;
    request.reply = std::move(reply);
    return request;
}

ProxyRequest bad_request()
{
    return refuse(http_reply("400 Bad Request", "not a request that a proxy takes"));
}

/// HOST:PORT, or HOST alone where there is a port that is meant then. IPv6 stands in brackets.
bool read_authority(std::string_view text, std::uint16_t default_port, ProxyRequest& into)
{
    std::size_t end = text.find(':');
    if (text.starts_with('[')) {
        const std::size_t close = text.find(']');
        if (close == text.npos) return false;
        into.host = text.substr(1, close - 1);
        end = close + 1;
    } else {
        into.host = text.substr(0, end);
    }
    const std::string_view rest = text.substr(std::min(end, text.size()));
    into.port = default_port;
    if (!rest.empty()) {
        const char* last = rest.data() + rest.size();
        const auto [stop, error] = std::from_chars(rest.data() + 1, last, into.port);
        if (rest.front() != ':' || error != std::errc() || stop != last) return false;
    }
    return !into.host.empty() && into.host.size() <= 255 && into.port != 0;
}

bool same_name(std::string_view a, std::string_view b)
{
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

/// Headers between a program and its proxy, which are not the host's business.
bool is_for_proxy(std::string_view line)
{
    const std::string_view name = line.substr(0, line.find(':'));
    return same_name(name, "Connection") || same_name(name, "Proxy-Connection") || same_name(name, "Keep-Alive") ||
           same_name(name, "Proxy-Authorization");
}

/// The request as the host gets it. One connection is one request, as the next may be for another host.
std::string rewritten(std::string_view method, std::string_view path, std::string_view version,
                      std::string_view headers)
{
    std::string head(method);
    head += path.starts_with('/') ? " " : " /";
    head += path;
    head += ' ';
    head += version;
    head += "\r\n";
    while (!headers.empty()) {
        const std::size_t end = headers.find("\r\n") + 2;
        if (!is_for_proxy(headers.substr(0, end - 2))) head += headers.substr(0, end);
        headers.remove_prefix(end);
    }
    head += "Connection: close\r\n\r\n";
    return head;
}

ProxyRequest read_http(std::string_view bytes)
{
    constexpr std::string_view scheme = "http://";
    const std::size_t end = bytes.find("\r\n\r\n");
    if (end == bytes.npos) return bytes.size() < max_proxy_request ? ProxyRequest() : bad_request();
    const std::string_view head = bytes.substr(0, end + 2);
    const std::string_view line = head.substr(0, head.find("\r\n"));
    const std::size_t first = line.find(' ');
    const std::size_t second = line.find(' ', first + 1);
    if (first == line.npos || second == line.npos || !line.substr(second + 1).starts_with("HTTP/1."))
        return bad_request();
    const std::string_view method = line.substr(0, first);
    std::string_view target = line.substr(first + 1, second - first - 1);
    ProxyRequest request;
    request.state = State::complete;
    request.used = end + 4;
    if (method == "CONNECT") return read_authority(target, 0, request) ? request : bad_request();
    if (!same_name(target.substr(0, scheme.size()), scheme)) return bad_request();
    target.remove_prefix(scheme.size());
    const std::size_t path = std::min(target.find_first_of("/?#"), target.size());
    if (!read_authority(target.substr(0, path), 80, request)) return bad_request();
    request.kind = Kind::plain;
    request.early = rewritten(method, target.substr(path), line.substr(second + 1), head.substr(line.size() + 2));
    return request;
}

ProxyRequest read_socks_greeting(std::string_view bytes)
{
    ProxyRequest request;
    if (bytes.size() < 2) return request;
    const auto methods = static_cast<unsigned char>(bytes[1]);
    if (bytes.size() < 2U + methods) return request;
    const bool without_password = bytes.substr(2, methods).find('\0') != bytes.npos;
    if (!without_password) return refuse({socks_version, static_cast<char>(0xff)});
    request.state = State::answer;
    request.used = 2U + methods;
    request.reply = {socks_version, 0};
    return request;
}

std::string ipv4_text(std::string_view bytes)
{
    std::string text;
    for (const char byte : bytes) {
        if (!text.empty()) text += '.';
        text += std::to_string(static_cast<unsigned char>(byte));
    }
    return text;
}

std::string ipv6_text(std::string_view bytes)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i > 0 && i % 2 == 0) text += ':';
        text += digits[static_cast<unsigned char>(bytes[i]) >> 4];
        text += digits[bytes[i] & 0xf];
    }
    return text;
}

ProxyRequest read_socks_request(std::string_view bytes)
{
    constexpr std::size_t fixed = 4;  // version, command, 0, kind of address
    ProxyRequest request;
    if (bytes.size() < fixed + 1) return request;
    const char kind = bytes[3];
    if (bytes[0] != socks_version || bytes[1] != 1) return refuse(socks_reply(no_such_command));
    std::size_t begin = fixed;
    std::size_t size = 0;
    if (kind == 1) size = 4;
    if (kind == 4) size = 16;
    if (kind == 3) {
        size = static_cast<unsigned char>(bytes[fixed]);
        ++begin;
    }
    if (size == 0) return refuse(socks_reply(no_such_address));
    if (bytes.size() < begin + size + 2) return request;
    const std::string_view address = bytes.substr(begin, size);
    request.host = kind == 3 ? std::string(address) : kind == 1 ? ipv4_text(address) : ipv6_text(address);
    const auto high = static_cast<unsigned char>(bytes[begin + size]);
    const auto low = static_cast<unsigned char>(bytes[begin + size + 1]);
    request.port = static_cast<std::uint16_t>(high << 8 | low);
    if (request.port == 0) return refuse(socks_reply(no_such_address));
    request.kind = Kind::socks;
    request.state = State::complete;
    request.used = begin + size + 2;
    return request;
}

}  // namespace

ProxyRequest read_proxy_request(std::string_view bytes, bool greeted)
{
    if (greeted) return read_socks_request(bytes);
    if (bytes.empty()) return {};
    return bytes.front() == socks_version ? read_socks_greeting(bytes) : read_http(bytes);
}

std::string proxy_success(Kind kind)
{
    if (kind == Kind::socks) return socks_reply(granted);
    return kind == Kind::connect ? "HTTP/1.1 200 Connection established\r\n\r\n" : "";
}

std::string proxy_failure(Kind kind, bool denied, std::string_view reason)
{
    if (kind == Kind::socks) return socks_reply(denied ? not_allowed : unreachable);
    return http_reply(denied ? "403 Forbidden" : "502 Bad Gateway", reason);
}

}  // namespace sbx::agent
