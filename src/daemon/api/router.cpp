#include "daemon/api/router.hpp"

#include "daemon/http/access_rules.hpp"

#include <fmt/format.h>
#include <boost/beast/http/verb.hpp>

#include <stdexcept>

namespace sbx::daemon {
namespace {

bool is_parameter(const std::string& word)
{
    return word.starts_with('{');
}

std::vector<std::string> split(std::string_view pattern)
{
    std::vector<std::string> words;
    pattern.remove_prefix(1);  // the slash
    for (;;) {
        const std::size_t slash = pattern.find('/');
        words.emplace_back(pattern.substr(0, slash));
        if (slash == std::string_view::npos) return words;
        pattern.remove_prefix(slash + 1);
    }
}

/// A last parameter `{path…}` takes all that is left.
bool takes_rest(const std::string& word)
{
    return word.ends_with("...}");
}

std::optional<nlohmann::json> match(const std::vector<std::string>& pattern, const std::vector<std::string>& segments)
{
    const bool rest = takes_rest(pattern.back());
    if (rest ? segments.size() < pattern.size() : segments.size() != pattern.size()) return std::nullopt;
    nlohmann::json parameters = nlohmann::json::object();
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const std::string& word = pattern[i];
        if (takes_rest(word)) {
            parameters[word.substr(1, word.size() - 5)] =
                fmt::format("{}", fmt::join(segments.begin() + static_cast<std::ptrdiff_t>(i), segments.end(), "/"));
            break;
        }
        if (is_parameter(word)) {
            if (segments[i].empty()) return std::nullopt;
            parameters[word.substr(1, word.size() - 2)] = segments[i];
        } else if (word != segments[i]) {
            return std::nullopt;
        }
    }
    return parameters;
}

bool has_body(const http::fields& fields)
{
    const auto length = fields.find(http::field::content_length);
    return fields.count(http::field::transfer_encoding) > 0 || (length != fields.end() && length->value() != "0");
}

/// Fewer parameters, better fit.
std::size_t looseness(const std::vector<std::string>& pattern)
{
    std::size_t loose = 0;
    for (const std::string& word : pattern) loose += is_parameter(word) ? (takes_rest(word) ? 100U : 1U) : 0U;
    return loose;
}

}  // namespace

void Router::add(const std::vector<Route>& routes)
{
    for (const Route& route : routes) {
        for (const Route& other : routes_)
            if (other.method == route.method && other.pattern == route.pattern)
                throw std::logic_error("declared twice: " + route.pattern);
        routes_.push_back(route);
        patterns_.push_back(split(route.pattern));
    }
}

Router::Found Router::find(http::verb method, const std::vector<std::string>& segments) const
{
    if (method == http::verb::head) method = http::verb::get;  // the server leaves the body out
    Found found;
    std::size_t best = ~std::size_t{0};
    for (std::size_t i = 0; i < routes_.size(); ++i) {
        auto parameters = match(patterns_[i], segments);
        if (!parameters) continue;
        const std::string_view name = http::to_string(routes_[i].method);
        if (routes_[i].method != method && !routes_[i].passes_on) {
            if (found.allowed.find(name) == std::string::npos)
                found.allowed += fmt::format("{}{}", found.allowed.empty() ? "" : ", ", name);
            continue;
        }
        if (const std::size_t loose = looseness(patterns_[i]); loose < best) {
            best = loose;
            found.route = &routes_[i];
            found.parameters = std::move(*parameters);
        }
    }
    return found;
}

std::optional<Response> Router::refuse(const Found& found, const RequestHead& head) const
{
    const ErrorShape& shape = found.route ? *found.route->errors : *errors_;
    if (!found.route && found.allowed.empty())
        return shape.answer(Error(Errc::not_found, "there is nothing at this path", "GET /openapi.json"), head.id);
    if (!found.route) {
        Response refused = shape.answer(Error(Errc::invalid_argument, "this path does not take that method"), head.id);
        refused.status = 405;
        refused.headers.emplace_back("Allow", found.allowed);
        return refused;
    }
    if (found.route->reads_body && has_body(head.fields) && !is_json(head.fields)) {
        Response refused = shape.answer(
            Error(Errc::invalid_argument, "the body must be JSON", "Content-Type: application/json"), head.id);
        refused.status = 415;
        return refused;
    }
    return std::nullopt;
}

asio::awaitable<void> Router::serve(Exchange& exchange) const
{
    const RequestHead& head = exchange.head();
    Found found = find(head.method, head.target.segments);
    const ErrorShape& shape = found.route ? *found.route->errors : *errors_;
    Result<Caller> caller = Caller();
    const bool is_open = found.route && found.route->open;
    if (!is_open) caller = co_await access_.identify(head);
    Response refused;
    std::optional<Response> why;
    if (!caller)
        why = shape.answer(caller.error(), head.id);
    else
        why = refuse(found, head);
    if (why) {
        refused = std::move(*why);
        co_await exchange.respond(std::move(refused));
        co_return;
    }
    exchange.note(found.route->pattern, caller->key);
    Call call(exchange, std::move(*caller));
    co_await found.route->endpoint->serve(call, *found.route, std::move(found.parameters));
}

}  // namespace sbx::daemon
