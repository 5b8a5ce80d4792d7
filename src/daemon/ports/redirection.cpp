#include "daemon/ports/redirection.hpp"

#include "daemon/http/ascii.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <vector>

namespace sbx::daemon {
namespace {

namespace urls = boost::urls;

std::string_view text_of(urls::string_view text)
{
    return {text.data(), text.size()};
}

bool is_web(std::string_view scheme)
{
    return equals_ignoring_case(scheme, "http") || equals_ignoring_case(scheme, "https");
}

/// Whether it is the program itself, as its client or as itself sees it.
bool is_own(std::string_view authority, const PortRoute& route)
{
    return equals_ignoring_case(authority, route.host) ||
           equals_ignoring_case(authority, fmt::format("localhost:{}", route.name.port)) ||
           authority == fmt::format("127.0.0.1:{}", route.name.port);
}

/// How many dots a segment consists of, where browsers take it for `.` or `..`; else 0.
/// @source WHATWG URL, "single-dot URL path segment"
std::size_t dots_of(std::string_view segment)
{
    std::size_t dots = 0;
    while (!segment.empty()) {
        const bool is_encoded = segment.size() >= 3 && equals_ignoring_case(segment.substr(0, 3), "%2e");
        if (segment.front() != '.' && !is_encoded) return 0;
        segment.remove_prefix(is_encoded ? 3 : 1);
        ++dots;
    }
    return dots <= 2 ? dots : 0;
}

/// The same path without `.` and `..`. @param path  begins with a slash
std::string without_dots(std::string_view path)
{
    std::vector<std::string_view> kept;
    bool ends_open = false;
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::string_view segment = path.substr(0, path.find('/'));
        path.remove_prefix(segment.size());
        const std::size_t dots = dots_of(segment);
        if (dots == 2 && !kept.empty()) kept.pop_back();
        if (dots == 0) kept.push_back(segment);
        ends_open = dots > 0;
    }
    return fmt::format("/{}{}", fmt::join(kept, "/"), ends_open && !kept.empty() ? "/" : "");
}

/// The path that a reference means, as the program sees its own.
std::string resolved(std::string_view path, const PortRoute& route)
{
    const std::string_view base = std::string_view(route.target).substr(0, route.target.find('?'));
    if (path.empty()) return without_dots(base);
    if (path.front() == '/') return without_dots(path);
    return without_dots(fmt::format("{}{}", base.substr(0, base.rfind('/') + 1), path));
}

std::string with_rest(std::string path, const urls::url_view& url)
{
    if (url.has_query()) path += fmt::format("?{}", text_of(url.encoded_query()));
    if (url.has_fragment()) path += fmt::format("#{}", text_of(url.encoded_fragment()));
    return path;
}

}  // namespace

std::optional<std::string> redirection(std::string_view location, const PortRoute& route)
{
    const auto url = urls::parse_uri_reference(urls::string_view(location.data(), location.size()));
    if (!url) return std::nullopt;
    const bool is_of_web = !url->has_scheme() || is_web(text_of(url->scheme()));
    const std::string_view authority = text_of(url->encoded_host_and_port());
    // Some take `http:/path` for a path of the same host.
    if (url->has_scheme() && is_of_web && !url->has_authority()) return std::nullopt;
    const bool goes_elsewhere = !is_of_web || (url->has_authority() && !is_own(authority, route));
    if (goes_elsewhere && !route.key.empty()) return std::nullopt;
    if (goes_elsewhere) return std::string(location);
    const bool is_as_seen_inside = url->has_authority() && !equals_ignoring_case(authority, route.host);
    // With a key only the path is said: another scheme would show the key to whoever listens.
    const bool may_stay = route.key.empty() || !url->has_authority();
    if (route.has_own_origin() && !is_as_seen_inside && may_stay) return std::string(location);
    std::string path = resolved(text_of(url->encoded_path()), route);
    if (url->has_authority() && url->encoded_path().empty()) path = "/";
    if (route.has_own_origin()) {
        if (path.starts_with("//")) return std::nullopt;  // a host's name to a browser
        return with_rest(std::move(path), *url);
    }
    const bool is_below = path == route.prefix || path.starts_with(route.prefix + "/");
    return with_rest(is_below ? path : route.prefix + path, *url);
}

}  // namespace sbx::daemon
