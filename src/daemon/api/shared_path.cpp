#include "daemon/api/shared_path.hpp"

#include "daemon/api/endpoint.hpp"
#include "daemon/http/forwarding_exchange.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <stdexcept>

namespace sbx::daemon {
namespace {

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
