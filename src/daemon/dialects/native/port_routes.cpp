#include "daemon/dialects/native/native.hpp"

#include <fmt/format.h>

#include <array>

namespace sbx::daemon::native {

struct PortRequest {
    std::string id;
    std::uint16_t port = 0;
};
BOOST_DESCRIBE_STRUCT(PortRequest, (), (id, port))

constexpr auto fields_of(const PortRequest* /*type*/)
{
    return std::to_array<Field>(
        {{.name = "port", .description = "That a program listens on inside", .required = true, .minimum = 1}});
}

struct PortPathRequest {
    std::string id;
    std::uint16_t port = 0;
    std::string path;
};
BOOST_DESCRIBE_STRUCT(PortPathRequest, (), (id, port, path))

constexpr auto fields_of(const PortPathRequest* /*type*/)
{
    return std::to_array<Field>({
        {.name = "port", .description = "That a program listens on inside", .required = true, .minimum = 1},
        {.name = "path", .description = "For the program; may be empty, and goes on as it was sent"},
    });
}

namespace {

constexpr std::size_t segments_of_prefix = 5;  // /v1/sandboxes/{id}/ports/{port}

constexpr const char* description =
    "Every method. Path, query, fields and body go to the program that listens on the port, and its answer comes back, "
    "as both come; `Upgrade` (WebSockets) too. Keys and cookies stay here. A page that comes this way has no origin, "
    "and cannot use this API: pages that need one are reached by host name, `PORT-ID.localhost` or "
    "`PORT-ID.DOMAIN`. 502 when nothing listens there or the answer is no HTTP, 504 when none begins within a minute, "
    "429 with 64 connections to the sandbox's ports.";

class PortRoutes {
   public:
    explicit PortRoutes(Services& services) : services_(services) {}

    asio::awaitable<void> redirect(Call& call, PortRequest request) const;
    asio::awaitable<void> pass(Call& call, PortPathRequest request) const;

   private:
    Services& services_;
    NativeErrors errors_;
};

/// References of a page are relative to a directory.
asio::awaitable<void> PortRoutes::redirect(Call& call, PortRequest request) const
{
    constexpr unsigned permanent_redirect = 308;
    const RequestHead& head = call.exchange.head();
    const auto living = services_.sandboxes.find_any(request.id, call.caller);
    Response answer(permanent_redirect, "", "");
    if (living)
        answer.headers.emplace_back(
            "Location", fmt::format("{}/{}", head.target.path, head.target.text.substr(head.target.path.size())));
    else
        answer = errors_.answer(living.error(), head.id);
    co_await call.exchange.respond(std::move(answer));
}

asio::awaitable<void> PortRoutes::pass(Call& call, PortPathRequest request) const
{
    PortName name;
    name.port = request.port;
    name.sandbox = std::move(request.id);
    co_await services_.ports.serve_path(call.exchange, call.caller, std::move(name), segments_of_prefix);
}

}  // namespace

void add_port_routes(Routes& routes, Services& services)
{
    const auto subject = std::make_shared<PortRoutes>(services);
    routes
        .add_raw<PortRequest>(
            http::verb::get, "/v1/sandboxes/{id}/ports/{port}",
            {.summary = "Go to the port's first page",
             .tag = "ports",
             .errors = {Errc::not_found},
             .status = 308,
             .produces = ""},
            [subject](Call& call, PortRequest request) { return subject->redirect(call, std::move(request)); })
        .passes_on = true;
    routes
        .add_raw<PortPathRequest>(
            http::verb::get, "/v1/sandboxes/{id}/ports/{port}/{path...}",
            {.summary = "Ask a program inside, over HTTP",
             .tag = "ports",
             .description = description,
             .errors = {Errc::not_found, Errc::conflict, Errc::resource_exhausted, Errc::deadline_exceeded},
             .produces = "*/*"},
            [subject](Call& call, PortPathRequest request) { return subject->pass(call, std::move(request)); })
        .passes_on = true;
}

}  // namespace sbx::daemon::native
