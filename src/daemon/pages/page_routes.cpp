#include "daemon/pages/page_routes.hpp"

#include "daemon/api/conditional.hpp"
#include "daemon/api/routes.hpp"
#include "daemon/http/ascii.hpp"
#include "daemon/pages/pages.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sbx::daemon {
namespace {

/// Scripts of ours alone. Both pages style their elements one by one.
constexpr const char* policy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

bool takes_deflated(const http::fields& fields)
{
    std::string_view left = fields[http::field::accept_encoding];
    while (!left.empty()) {
        const std::size_t comma = std::min(left.find(','), left.size());
        const std::string_view coding = trimmed(left.substr(0, comma));
        if (equals_ignoring_case(coding, "deflate")) return true;
        left.remove_prefix(std::min(comma + 1, left.size()));
    }
    return false;
}

/// Its tags, which need not be found anew for each request.
struct PageTags {
    std::string plain;
    std::string deflated;
};

PageTags tags_of(const Page& page)
{
    return {entity_tag_of(fmt::format("plain {}", page.content.deflated)), entity_tag_of(page.content.deflated)};
}

/// @source RFC 9110, section 8.4.1.2: what is called deflate is zlib's format
asio::awaitable<void> show_page(Call& call, const Page& page, const PageTags& tags)
{
    constexpr std::size_t size_bytes = 4;
    Response response(200, "", page.type);
    response.headers.emplace_back("Content-Security-Policy", policy);
    response.headers.emplace_back("Referrer-Policy", "no-referrer");
    response.headers.emplace_back("Vary", "Accept-Encoding");
    response.headers.emplace_back("Cache-Control", "no-cache");
    const bool is_deflated = takes_deflated(call.exchange.head().fields);
    const std::string& tag = is_deflated ? tags.deflated : tags.plain;
    const NativeErrors errors;
    if (auto refusal = refusal_by_preconditions(call.exchange.head(), tag, errors)) {
        refusal->headers.insert(refusal->headers.end(), response.headers.begin(), response.headers.end());
        co_await call.exchange.respond(std::move(*refusal));
        co_return;
    }
    add_tag(response, tag);
    if (is_deflated) {
        response.headers.emplace_back("Content-Encoding", "deflate");
        response.body = page.content.deflated.substr(size_bytes);
    } else {
        response.body = page.content.bytes();
    }
    co_await call.exchange.respond(std::move(response));
}

}  // namespace

std::vector<Route> page_routes()
{
    Routes routes(std::make_shared<NativeErrors>(), Reading{.refuses_unknown = false});
    for (const Page& page : pages()) {
        Route& route = routes.add_raw<Nothing>(
            http::verb::get, page.path, {.summary = "The API for people", .produces = page.type},
            [&page, tags = tags_of(page)](Call& call, Nothing /*request*/) { return show_page(call, page, tags); });
        route.open = true;
        document_preconditions(route);
    }
    return routes.all();
}

}  // namespace sbx::daemon
