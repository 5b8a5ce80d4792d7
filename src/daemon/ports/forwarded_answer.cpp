#include "daemon/ports/forwarded_answer.hpp"

#include "daemon/http/ascii.hpp"
#include "daemon/ports/hop_fields.hpp"
#include "daemon/ports/redirection.hpp"

#include <algorithm>
#include <array>

namespace sbx::daemon {
namespace {

/// Scripts run, without any right to what the API's origin has. A second policy could only weaken this one: the last
/// `sandbox` counts.
constexpr const char* sandbox = "sandbox allow-downloads allow-forms allow-modals allow-popups allow-scripts";

/// The server says these itself.
constexpr std::array<std::string_view, 4> own = {"Content-Length", "Date", "X-Content-Type-Options", "X-Request-Id"};

/// They would lead browsers elsewhere, to what is no port of a sandbox.
constexpr std::array<std::string_view, 1> of_server = {"Alt-Svc"};

/// What a browser keeps for all of an origin, or does to it.
constexpr std::array<std::string_view, 23> of_origin = {"Accept-CH",
                                                        "Clear-Site-Data",
                                                        "Content-Security-Policy",
                                                        "Content-Security-Policy-Report-Only",
                                                        "Critical-CH",
                                                        "Cross-Origin-Embedder-Policy",
                                                        "Cross-Origin-Opener-Policy",
                                                        "Expect-CT",
                                                        "NEL",
                                                        "Origin-Agent-Cluster",
                                                        "P3P",
                                                        "Public-Key-Pins",
                                                        "Report-To",
                                                        "Reporting-Endpoints",
                                                        "Secure-Session-Registration",
                                                        "Service-Worker-Allowed",
                                                        "Set-Cookie",
                                                        "Set-Cookie2",
                                                        "Set-Login",
                                                        "Speculation-Rules",
                                                        "Strict-Transport-Security",
                                                        "Use-As-Dictionary",
                                                        "WWW-Authenticate"};

template <std::size_t Count>
bool is_one_of(std::string_view name, const std::array<std::string_view, Count>& names)
{
    return std::any_of(names.begin(), names.end(), [&](auto known) { return equals_ignoring_case(name, known); });
}

/// Each part of such a document brings fields of its own, cookies too. Of a list browsers take the last type.
bool is_of_parts(std::string_view type)
{
    constexpr std::string_view family = "multipart/";
    const auto same = [](char a, char b) { return lower(a) == b; };
    return !std::ranges::search(type, family, same).empty();
}

}  // namespace

Headers forwarded_answer(const http::fields& answer, const PortRoute& route)
{
    Headers headers;
    for (const auto& field : answer) {
        const std::string_view name(field.name_string().data(), field.name_string().size());
        std::string value(field.value().data(), field.value().size());
        if (is_for_next_hop(answer, name) || is_one_of(name, own) || is_one_of(name, of_server)) continue;
        if (!route.has_own_origin() && is_one_of(name, of_origin)) continue;
        if (equals_ignoring_case(name, "Location")) {
            auto place = redirection(value, route);
            if (!place) continue;
            value = std::move(*place);
        }
        if (!route.has_own_origin() && equals_ignoring_case(name, "Content-Type") && is_of_parts(value))
            value = "application/octet-stream";
        headers.emplace_back(name, std::move(value));
    }
    if (!route.has_own_origin()) headers.emplace_back("Content-Security-Policy", sandbox);
    return headers;
}

}  // namespace sbx::daemon
