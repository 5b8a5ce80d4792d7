// Where a program in a sandbox can send its client: what is no other server lies below the route's own path.
#include "daemon/ports/redirection.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <cstdint>
#include <cstdlib>

namespace {

using namespace sbx::daemon;

void require(bool truth)
{
    if (!truth) std::abort();
}

std::string in_lower_case_with_dots(std::string text)
{
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    for (std::size_t at = text.find("%2e"); at != std::string::npos; at = text.find("%2e")) text.replace(at, 3, ".");
    return text;
}

void check(const std::optional<std::string>& place, const PortRoute& route)
{
    if (!place) return;
    const auto url = boost::urls::parse_uri_reference(boost::urls::string_view(place->data(), place->size()));
    require(url.has_value());
    if (url->has_scheme() || url->has_authority()) return require(route.key.empty());
    std::string path(url->encoded_path().data(), url->encoded_path().size());
    require(path == route.prefix || path.starts_with(route.prefix + "/"));
    path = in_lower_case_with_dots(path + "/");
    require(path.find("/../") == std::string::npos && path.find("/./") == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size)
{
    const std::string_view location(reinterpret_cast<const char*>(input), size);
    PortRoute route;
    route.name = {3000, "abc"};
    route.prefix = "/v1/sandboxes/abc/ports/3000";
    route.target = "/a/../b/c?d";
    route.host = "localhost:8000";
    check(redirection(location, route), route);
    route.key = "sbx_key";
    check(redirection(location, route), route);
    return 0;
}
