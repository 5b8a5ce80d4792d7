#include "core/net/http_url.hpp"

#include "core/net/host_name.hpp"
#include "core/wire/base64.hpp"

#include <fmt/format.h>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <charconv>
#include <optional>

namespace sbx {
namespace {

namespace urls = boost::urls;

constexpr std::uint16_t plain_port = 80;
constexpr std::uint16_t secure_port = 443;

/// What is wrong with it; empty: nothing.
std::string_view flaw_of(const urls::url_view& url)
{
    if (url.scheme_id() != urls::scheme::http && url.scheme_id() != urls::scheme::https)
        return "its scheme is neither http nor https";
    if (url.has_query() || url.has_fragment()) return "it has a query or a fragment";
    // Boost 1.81 takes what follows the digits of a port for a path.
    return url.encoded_path().empty() || url.encoded_path().starts_with('/') ? "" : "its port is none";
}

/// @return nothing for a number that is no port
std::optional<std::uint16_t> port_of(const urls::url_view& url)
{
    const std::string_view digits(url.port().data(), url.port().size());
    if (digits.empty()) return url.scheme_id() == urls::scheme::https ? secure_port : plain_port;
    std::uint16_t port = 0;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    const bool is_port = failed == std::errc() && end == digits.data() + digits.size() && port != 0;
    return is_port ? std::optional(port) : std::nullopt;
}

}  // namespace

std::string HttpUrl::place() const
{
    const bool is_v6 = host.find(':') != std::string::npos;
    return fmt::format("{}:{}", is_v6 ? fmt::format("[{}]", host) : host, port);
}

Result<HttpUrl> parse_http_url(std::string_view name, std::string_view text)
{
    const auto wrong = [&](std::string_view why) {
        return Error(Errc::invalid_argument, fmt::format("{}: no URL of a server: {}", name, why),
                     fmt::format("{}=http://127.0.0.1:8000", name));
    };
    const auto parsed = urls::parse_uri({text.data(), text.size()});
    if (!parsed) return wrong("its form is another");
    if (const std::string_view flaw = flaw_of(*parsed); !flaw.empty()) return wrong(flaw);
    const std::string written = parsed->host_address();
    const auto host = normal_host(written);
    if (!host) return wrong("it names no host");
    const auto port = port_of(*parsed);
    if (!port) return wrong("its port is none");
    HttpUrl url;
    url.is_secure = parsed->scheme_id() == urls::scheme::https;
    url.host = *host;
    url.port = *port;
    url.path = std::string(parsed->encoded_path());
    while (url.path.ends_with('/')) url.path.pop_back();
    if (parsed->has_userinfo())
        url.authorization = "Basic " + wire::to_base64(fmt::format("{}:{}", parsed->user(), parsed->password()));
    return url;
}

}  // namespace sbx
