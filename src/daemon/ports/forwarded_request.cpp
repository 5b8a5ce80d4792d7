#include "daemon/ports/forwarded_request.hpp"

#include "daemon/http/ascii.hpp"
#include "daemon/ports/hop_fields.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sbx::daemon {
namespace {

constexpr std::string_view key_prefix = "sbx_";

std::string_view text_of(boost::beast::string_view text)
{
    return {text.data(), text.size()};
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names)
{
    return std::any_of(names.begin(), names.end(), [&](auto known) { return equals_ignoring_case(name, known); });
}

/// Whether the field would show the program a key of this daemon, also one that did not let anybody in.
bool shows_key(std::string_view name, std::string_view value, const PortRoute& route)
{
    if (!is_one_of(name, {"Authorization", "X-API-Key"})) return false;
    return value.find(key_prefix) != std::string_view::npos ||
           (!route.key.empty() && value.find(route.key) != std::string_view::npos);
}

/// What is said anew, or not at all.
bool is_replaced(std::string_view name)
{
    return is_one_of(name, {"Host", "Content-Length", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host",
                            "X-Forwarded-Proto", "X-Forwarded-Prefix"});
}

/// A proxy before this one may have taken TLS off.
std::string_view scheme_of(const RequestHead& head)
{
    const std::string_view told = head.fields["X-Forwarded-Proto"];
    if (head.fields.count("X-Forwarded-Proto") == 1 && (told == "http" || told == "https")) return told;
    return head.is_encrypted ? "https" : "http";
}

void add_origin(http::fields& fields, const RequestHead& head, const PortRoute& route)
{
    std::string way;
    const auto add = [&](std::string_view address) { way += fmt::format("{}{}", way.empty() ? "" : ", ", address); };
    const auto [first, last] = head.fields.equal_range("X-Forwarded-For");
    std::for_each(first, last, [&](const auto& field) { add(text_of(field.value())); });
    if (!head.peer.address.empty()) add(head.peer.address);
    if (!way.empty()) fields.insert("X-Forwarded-For", way);
    fields.insert("X-Forwarded-Host", route.host);
    fields.insert("X-Forwarded-Proto", scheme_of(head));
    if (!route.prefix.empty()) fields.insert("X-Forwarded-Prefix", route.prefix);
}

/// How the body ends: as it came.
void add_framing(http::fields& fields, const RequestHead& head)
{
    for (const http::field name : {http::field::transfer_encoding, http::field::content_length})
        if (head.fields.count(name) > 0) fields.insert(name, head.fields[name]);
}

}  // namespace

std::string_view target_after(std::string_view target, std::size_t segments)
{
    const std::string_view path = target.substr(0, target.find('?'));
    std::size_t at = 0;
    for (; segments > 0 && at != std::string_view::npos; --segments) at = path.find('/', at + 1);
    return at == std::string_view::npos ? std::string_view() : target.substr(at);
}

http::request_header<> forwarded_request(const RequestHead& head, const PortRoute& route)
{
    http::request_header<> request;
    request.version(11);
    request.method(head.method);
    request.target(route.target);
    request.insert(http::field::host, route.host);
    for (const auto& field : head.fields) {
        const std::string_view name = text_of(field.name_string());
        const std::string_view value = text_of(field.value());
        // Cookies know no ports: a browser sends along what other servers of this host have set.
        const bool is_foreign = !route.has_own_origin() && equals_ignoring_case(name, "Cookie");
        if (is_for_next_hop(head.fields, name) || is_replaced(name)) continue;
        if (is_foreign || shows_key(name, value, route)) continue;
        request.insert(name, value);
    }
    add_origin(request, head, route);
    add_framing(request, head);
    if (route.upgrades) request.insert(http::field::upgrade, head.fields[http::field::upgrade]);
    request.insert(http::field::connection, route.upgrades ? "Upgrade" : "close");
    return request;
}

bool is_sent_by_other_site(const http::fields& fields)
{
    const std::string_view site = fields["Sec-Fetch-Site"];
    return (site == "cross-site" || site == "same-site") && fields["Sec-Fetch-Mode"] != "navigate";
}

bool wants_service_worker(const http::fields& fields)
{
    return fields.count("Service-Worker") > 0 || fields["Sec-Fetch-Dest"] == "serviceworker";
}

}  // namespace sbx::daemon
