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

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& segments)
{
    // Most routes are none of a request by their first word already.
    if (!is_parameter(pattern.front()) && pattern.front() != segments.front()) return false;
    const bool rest = takes_rest(pattern.back());
    if (rest ? segments.size() < pattern.size() : segments.size() != pattern.size()) return false;
    const std::size_t fixed = pattern.size() - (rest ? 1 : 0);
    for (std::size_t i = 0; i < fixed; ++i)
        if (is_parameter(pattern[i]) ? segments[i].empty() : pattern[i] != segments[i]) return false;
    return true;
}

/// Of a path that matches.
nlohmann::json parameters_in(const std::vector<std::string>& pattern, const std::vector<std::string>& segments)
{
    nlohmann::json parameters = nlohmann::json::object();
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const std::string& word = pattern[i];
        if (takes_rest(word))
            parameters[word.substr(1, word.size() - 5)] =
                fmt::format("{}", fmt::join(segments.begin() + static_cast<std::ptrdiff_t>(i), segments.end(), "/"));
        else if (is_parameter(word))
            parameters[word.substr(1, word.size() - 2)] = segments[i];
    }
    return parameters;
}

/// The same path with its final slash, or without all of them.
std::vector<std::string> other_form(std::vector<std::string> segments)
{
    if (!segments.back().empty()) {
        segments.emplace_back();
        return segments;
    }
    while (segments.size() > 1 && segments.back().empty()) segments.pop_back();
    return segments;
}

/// Without empty segments, which final and doubled slashes leave.
std::vector<std::string> squeezed(std::vector<std::string> segments)
{
    std::erase(segments, "");
    if (segments.empty()) segments.emplace_back();
    return segments;
}

/// @source Starlette: 307 keeps the method and the body
Response redirection(const RequestHead& head)
{
    std::string path = head.target.path;
    if (!path.ends_with('/'))
        path += '/';
    else
        path.erase(path.find_last_not_of('/') + 1);
    Response response(307, "", "");
    response.headers.emplace_back(
        "Location", fmt::format("{}://{}{}{}{}", head.is_encrypted ? "https" : "http",
                                std::string_view(head.fields[http::field::host]), head.target.prefix, path,
                                std::string_view(head.target.text).substr(head.target.path.size())));
    return response;
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

Router::Found Router::find_exactly(http::verb method, const std::vector<std::string>& segments) const
{
    if (method == http::verb::head) method = http::verb::get;  // the server leaves the body out
    Found found;
    std::size_t best = ~std::size_t{0};
    std::size_t at = 0;
    for (std::size_t i = 0; i < routes_.size(); ++i) {
        if (!matches(patterns_[i], segments)) continue;
        const std::string_view name = http::to_string(routes_[i].method);
        if (routes_[i].method != method && !routes_[i].passes_on) {
            if (found.allowed.find(name) == std::string::npos)
                found.allowed += fmt::format("{}{}", found.allowed.empty() ? "" : ", ", name);
            continue;
        }
        if (const std::size_t loose = looseness(patterns_[i]); loose < best) {
            best = loose;
            found.route = &routes_[i];
            at = i;
        }
    }
    if (found.route) found.parameters = parameters_in(patterns_[at], segments);
    return found;
}

/// A path as it stands beats its other form.
Router::Found Router::find(http::verb method, const std::vector<std::string>& segments) const
{
    Found found = find_exactly(method, segments);
    const bool is_root = segments.size() == 1 && segments.front().empty();
    if (found.route || !found.allowed.empty() || is_root) return found;
    const std::vector<std::string> other = other_form(segments);
    const std::vector<std::string> plain = squeezed(segments);
    for (std::size_t i = 0; i < routes_.size(); ++i) {
        const FinalSlash slash = routes_[i].final_slash;
        if (slash == FinalSlash::ignored && matches(patterns_[i], plain)) return find_exactly(method, plain);
        if (slash == FinalSlash::redirects && matches(patterns_[i], other)) found.redirects = true;
    }
    return found;
}

std::optional<Response> Router::refuse(const Found& found, const RequestHead& head) const
{
    const ErrorShape& shape = found.route ? *found.route->errors : *errors_;
    if (found.redirects) return redirection(head);
    if (!found.route) return found.allowed.empty() ? shape.no_path(head) : shape.no_method(head, found.allowed);
    const bool is_foreign = found.route->reads_body && has_body(head.fields) && !is_json(head.fields);
    if (is_foreign && !found.route->reading.takes_foreign_body) return shape.foreign_body(head);
    return std::nullopt;
}

asio::awaitable<void> Router::serve(Exchange& exchange) const
{
    const RequestHead& head = exchange.head();
    Found found = find(head.method, head.target.segments);
    const ErrorShape& shape = found.route ? *found.route->errors : *errors_;
    Result<Caller> caller = Caller();
    const bool is_open = found.route && found.route->open;
    Access& access = found.route && found.route->access ? *found.route->access : access_;
    if (!is_open) caller = co_await access.identify(head);
    if (found.route && found.route->closes) exchange.close_after();
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
    exchange.note(found.route->pattern, is_open ? std::string() : access.label_of(*caller));
    Call call(exchange, std::move(*caller));
    co_await found.route->endpoint->serve(call, *found.route, std::move(found.parameters));
}

}  // namespace sbx::daemon
