#include "daemon/api/shared_path.hpp"

#include "daemon/api/endpoint.hpp"
#include "daemon/api/strict_json.hpp"
#include "daemon/http/forwarding_exchange.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <stdexcept>

namespace sbx::daemon {
namespace {

using namespace nlohmann::literals;

/// Keeps an answer instead of writing it.
class KeptExchange final : public ForwardingExchange {
   public:
    using ForwardingExchange::ForwardingExchange;

    asio::awaitable<void> respond(Response response) override
    {
        answer = std::move(response);
        co_return;
    }

    Response answer;
};

/// What several routes answer, as one object. What the first says of a member counts; a failure is answered alone.
class MergedEndpoint : public Endpoint {
   public:
    explicit MergedEndpoint(std::vector<Route> owners) : owners_(std::move(owners)) {}

    asio::awaitable<void> serve(Call& call, const Route& /*route*/, nlohmann::json parameters) const override
    {
        nlohmann::ordered_json members = nlohmann::ordered_json::object();
        Response merged(200, "");
        for (const Route& owner : owners_) {
            KeptExchange kept(call.exchange);
            Call inner(kept, call.caller);
            co_await owner.endpoint->serve(inner, owner, parameters);
            merged.status = kept.answer.status;
            merged.headers.insert(merged.headers.end(), kept.answer.headers.begin(), kept.answer.headers.end());
            merged.body = std::move(kept.answer.body);
            if (merged.status >= 300) break;
            const auto said = nlohmann::ordered_json::parse(merged.body);
            for (const auto& [name, value] : said.items())
                if (!members.contains(name)) members[name] = value;
        }
        if (merged.status < 300) merged.body = dump(members);
        co_await call.exchange.respond(std::move(merged));
    }

    /// The members of all.
    void describe(Schemas& schemas, const Route& /*route*/, nlohmann::ordered_json& operation) const override
    {
        nlohmann::ordered_json all = nlohmann::ordered_json::array();
        for (const Route& owner : owners_) {
            nlohmann::ordered_json its = operation;
            owner.endpoint->describe(schemas, owner, its);
            all.push_back(its["responses"]["200"]["content"]["application/json"]["schema"]);
        }
        operation["responses"]["200"] = described_answer(RouteText(), {{"allOf", std::move(all)}});
    }

   private:
    std::vector<Route> owners_;
};

/// An exchange whose body has been read.
class ReadExchange final : public ForwardingExchange {
   public:
    ReadExchange(Exchange& of, Result<std::string> body) : ForwardingExchange(of), body_(std::move(body)) {}

    asio::awaitable<Result<std::string>> body(std::size_t /*limit*/) override { co_return body_; }

   private:
    Result<std::string> body_;
};

/// The route whose keys a request has, or the first.
class KeyedEndpoint : public Endpoint {
   public:
    KeyedEndpoint(Route first, Route keyed, std::span<const std::string_view> keys)
        : first_(std::move(first)), keyed_(std::move(keyed)), keys_(keys)
    {
    }

    asio::awaitable<void> serve(Call& call, const Route& /*route*/, nlohmann::json parameters) const override
    {
        Result<std::string> body = co_await call.exchange.body(first_.most_body_bytes);
        const Route& owner = has_key(call.exchange.head().target, body) ? keyed_ : first_;
        ReadExchange read(call.exchange, std::move(body));
        Call inner(read, call.caller);
        co_await owner.endpoint->serve(inner, owner, std::move(parameters));
    }

    /// Either of both.
    void describe(Schemas& schemas, const Route& /*route*/, nlohmann::ordered_json& operation) const override
    {
        nlohmann::ordered_json other = operation;
        first_.endpoint->describe(schemas, first_, operation);
        keyed_.endpoint->describe(schemas, keyed_, other);
        for (const nlohmann::json::json_pointer& where : {"/requestBody"_json_pointer, "/responses/200"_json_pointer}) {
            nlohmann::ordered_json& one = operation[where / "content" / "application/json" / "schema"];
            nlohmann::ordered_json& two = other[where / "content" / "application/json" / "schema"];
            one = {{"anyOf", nlohmann::ordered_json::array({one, two})}};
        }
    }

   private:
    bool has_key(const Target& target, const Result<std::string>& body) const
    {
        const auto is_asked = [&](std::string_view key) { return target.value(key).has_value(); };
        if (std::ranges::any_of(keys_, is_asked)) return true;
        const Result<nlohmann::json> members = body ? parse_strict_json(*body) : body.error();
        const auto is_member = [&](std::string_view key) { return members->contains(key); };
        return members && members->is_object() && std::ranges::any_of(keys_, is_member);
    }

    Route first_;
    Route keyed_;
    std::span<const std::string_view> keys_;
};

/// `POST /sessions/{}/execute`: which requests it is for, whatever its parameters are called.
std::string place_of(http::verb method, std::string_view pattern)
{
    std::string place(http::to_string(method));
    place += ' ';
    bool is_inside = false;
    for (const char c : pattern) {
        if (c == '}') is_inside = false;
        if (!is_inside) place += c;
        if (c == '{') is_inside = true;
    }
    return place;
}

const SharedPath& rule_of(const std::string& place, std::span<const SharedPath> shared)
{
    const auto rule = std::ranges::find_if(
        shared, [&](const SharedPath& path) { return place_of(path.method, path.pattern) == place; });
    if (rule == shared.end()) throw std::logic_error("no rule says whose it is: " + place);
    return *rule;
}

Route merged_route(std::vector<Route> owners, const SharedPath& path)
{
    Route route = owners.front();
    route.text.description += fmt::format("{}{}", route.text.description.empty() ? "" : "\n\n", path.rule);
    if (path.sharing == Sharing::keys_decide) {
        const auto keyed = std::ranges::find(owners, path.tag, [](const Route& owner) { return owner.text.tag; });
        if (keyed != owners.end() && keyed != owners.begin())
            route.endpoint = std::make_shared<KeyedEndpoint>(owners.front(), *keyed, path.keys);
    }
    if (path.sharing == Sharing::members_of_all) {
        route.open = std::ranges::all_of(owners, &Route::open);
        route.endpoint = std::make_shared<MergedEndpoint>(std::move(owners));
    }
    return route;
}

}  // namespace

std::vector<Route> merge(std::span<const Dialect* const> dialects, std::span<const SharedPath> shared)
{
    std::vector<std::string> order;
    std::map<std::string, std::vector<Route>> owners;
    for (const Dialect* dialect : dialects) {
        for (const Route& route : dialect->routes) {
            const std::string place = place_of(route.method, route.pattern);
            std::vector<Route>& its = owners[place];
            if (its.empty()) order.push_back(place);
            its.push_back(route);
        }
    }
    std::vector<Route> merged;
    for (const std::string& place : order) {
        std::vector<Route>& its = owners[place];
        merged.push_back(its.size() == 1 ? std::move(its.front())
                                         : merged_route(std::move(its), rule_of(place, shared)));
    }
    return merged;
}

}  // namespace sbx::daemon
