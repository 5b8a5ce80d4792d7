#include "daemon/ports/ports.hpp"

#include "daemon/access/key_access.hpp"
#include "daemon/http/framing.hpp"

#include <fmt/format.h>

namespace sbx::daemon {
namespace {

constexpr std::size_t most_connections = 64;  // of one sandbox (SECURITY-TARGETS §8)

/// One connection among those of its sandbox.
class Place {
   public:
    Place(std::multiset<std::string>& among, const std::string& sandbox) : among_(among), own_(among.insert(sandbox)) {}
    ~Place() { among_.erase(own_); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    std::multiset<std::string>& among_;
    std::multiset<std::string>::iterator own_;
};

/// With a body its end and the other protocol's beginning would lie in the same bytes.
bool is_upgrade(const http::fields& fields)
{
    return fields.count(http::field::upgrade) == 1 && fields.count(http::field::content_length) == 0 &&
           fields.count(http::field::transfer_encoding) == 0 && lists(fields, http::field::connection, "upgrade");
}

PortRoute route_of(const RequestHead& head, const Caller& caller, PortName name)
{
    PortRoute route;
    route.name = std::move(name);
    route.host = std::string(head.fields[http::field::host]);
    if (!caller.key.empty()) route.key = shown_key(head.fields);
    route.upgrades = is_upgrade(head.fields);
    return route;
}

/// What browsers tell of a request that its page may not make.
std::optional<Error> check_page(const http::fields& fields, const PortRoute& route)
{
    if (route.has_own_origin() && is_sent_by_other_site(fields))
        return Error(Errc::permission_denied, "pages of other origins may not use this port");
    if (!route.has_own_origin() && wants_service_worker(fields))
        return Error(Errc::permission_denied, "a service worker of this origin would stand before the API",
                     fmt::format("use the port by name: {}-{}.localhost", route.name.port, route.name.sandbox));
    return std::nullopt;
}

}  // namespace

asio::awaitable<void> Ports::serve_named(Exchange& exchange)
{
    const Result<Caller> caller = co_await access_.identify(exchange.head());
    if (!caller) {
        co_await refuse(exchange, caller.error());
        co_return;
    }
    exchange.note("{port}-{id}.{domain}", caller->key);
    PortRoute route = route_of(exchange.head(), *caller, *exchange.head().port);
    route.target = exchange.head().target.text;
    co_await serve(exchange, *caller, std::move(route));
}

asio::awaitable<void> Ports::serve_path(Exchange& exchange, Caller caller, PortName name, std::size_t segments)
{
    PortRoute route = route_of(exchange.head(), caller, std::move(name));
    route.target = target_after(exchange.head().target.text, segments);
    route.prefix = fmt::format("/v1/sandboxes/{}/ports/{}", route.name.sandbox, route.name.port);
    co_await serve(exchange, std::move(caller), std::move(route));
}

asio::awaitable<void> Ports::serve(Exchange& exchange, Caller caller, PortRoute route)
{
    const auto living = sandboxes_.find(route.name.sandbox, caller);
    std::optional<Error> refused;
    if (!living)
        refused = living.error();
    else if (connections_.count(route.name.sandbox) >= most_connections)
        refused = Error(Errc::resource_exhausted,
                        fmt::format("this sandbox's ports have {} connections already", most_connections),
                        "close one of them, or try again");
    else
        refused = check_page(exchange.head().fields, route);
    std::optional<Place> place;
    std::optional<Result<Keeper::Guest>> guest;
    if (!refused) place.emplace(connections_, route.name.sandbox);
    if (!refused) guest.emplace(Sandboxes::invite(**living));
    if (guest && !*guest) refused = guest->error();
    if (refused) {
        co_await refuse(exchange, *refused);
        co_return;
    }
    ProxiedExchange passed(exchange, (*guest)->link(), std::move(route), patience_);
    co_await passed.run();
}

asio::awaitable<void> Ports::refuse(Exchange& exchange, Error error)
{
    Response refused = errors_.answer(error, exchange.head().id);
    co_await exchange.respond(std::move(refused));
}

}  // namespace sbx::daemon
