#include "daemon/api/conditional.hpp"

#include "daemon/http/forwarding_exchange.hpp"

#include <fmt/format.h>

#include <tuple>

namespace sbx::daemon {
namespace {

bool reads(http::verb method)
{
    return method == http::verb::get || method == http::verb::head;
}

/// A client that is told 304 takes over how what it has may be kept.
void keep_caching(const Response& from, Response& to)
{
    for (const auto& [name, value] : from.headers)
        if (name == "Cache-Control") to.headers.emplace_back(name, value);
}

bool has_preconditions(const RequestHead& head)
{
    return head.fields.count(http::field::if_match) + head.fields.count(http::field::if_none_match) > 0;
}

/// Gives an answer its ETag, or leaves the answer out.
class TaggedExchange final : public ForwardingExchange {
   public:
    TaggedExchange(Exchange& of, const ErrorShape& errors) : ForwardingExchange(of), errors_(errors) {}

    asio::awaitable<void> respond(Response response) override
    {
        if (response.status >= 300) return ForwardingExchange::respond(std::move(response));
        const std::string tag = entity_tag_of(response.body);
        add_tag(response, tag);
        // What has changed something was held against the state before it.
        std::optional<Response> refusal;
        if (reads(head().method)) refusal = refusal_by_preconditions(head(), tag, errors_);
        if (refusal) keep_caching(response, *refusal);
        return ForwardingExchange::respond(refusal ? std::move(*refusal) : std::move(response));
    }

   private:
    const ErrorShape& errors_;
};

class TaggedEndpoint : public Endpoint {
   public:
    explicit TaggedEndpoint(std::shared_ptr<const Endpoint> inner) : inner_(std::move(inner)) {}

    asio::awaitable<void> serve(Call& call, const Route& route, nlohmann::json parameters) const override
    {
        TaggedExchange tagged(call.exchange, *route.errors);
        Call inner(tagged, call.caller);
        co_await inner_->serve(inner, route, std::move(parameters));
    }
    void describe(Schemas& schemas, const Route& route, nlohmann::ordered_json& operation) const override
    {
        inner_->describe(schemas, route, operation);
    }

   private:
    std::shared_ptr<const Endpoint> inner_;
};

/// What is looked at must not be changed by another such request before it is changed by this one.
class Claim {
   public:
    Claim(std::shared_ptr<Claims> claims, std::string name) : claims_(std::move(claims))
    {
        std::tie(at_, is_ours_) = claims_->insert(std::move(name));
    }
    ~Claim()
    {
        if (is_ours_) claims_->erase(at_);
    }
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;

    bool is_ours() const { return is_ours_; }

   private:
    std::shared_ptr<Claims> claims_;
    Claims::iterator at_;
    bool is_ours_ = false;
};

/// Holds what is there against the request's preconditions.
asio::awaitable<Admittance> hold(Call& call, const nlohmann::json& parameters, const Conditions& conditions,
                                 const ErrorShape& errors)
{
    const RequestHead& head = call.exchange.head();
    Admittance admittance;
    if (!has_preconditions(head)) co_return admittance;
    // Whose it is comes first: whether somebody changes it just now is nobody else's business.
    const Result<std::optional<std::string>> known = co_await conditions.tag(call, parameters);
    if (!known && known.error().code == Errc::not_found) co_return admittance;
    std::string name = conditions.name(call, parameters);
    auto claim = std::make_shared<Claim>(conditions.claims, std::move(name));
    if (!claim->is_ours()) {
        admittance.refusal = errors.answer(Error(Errc::conflict, "another request is just changing it"), head.id);
        co_return admittance;
    }
    const Result<std::optional<std::string>> tag = co_await conditions.tag(call, parameters);
    if (tag)
        admittance.refusal = refusal_by_preconditions(head, *tag, errors);
    else
        admittance.refusal = errors.answer(tag.error(), head.id);
    admittance.held = std::move(claim);
    co_return admittance;
}

}  // namespace

void add_tag(Response& response, std::string tag)
{
    response.headers.emplace_back("ETag", std::move(tag));
}

std::optional<Response> refusal_by_preconditions(const RequestHead& head, const std::optional<std::string>& tag,
                                                 const ErrorShape& errors)
{
    Response refusal;
    switch (check_preconditions(head.method, head.fields, tag)) {
        case Precondition::holds:
            return std::nullopt;
        case Precondition::not_modified:
            refusal = Response(304, "", "");
            break;
        case Precondition::failed:
            refusal = errors.answer(
                Error(Errc::conflict, "it is not what the request's precondition says", "GET it again, for its ETag"),
                head.id);
            refusal.status = 412;
            break;
        case Precondition::malformed:
            refusal = errors.answer(Error(Errc::invalid_argument,
                                          "If-Match and If-None-Match take '*' or ETags with their quotation marks"),
                                    head.id);
            break;
    }
    if (tag) add_tag(refusal, *tag);
    return refusal;
}

void make_tagged(Route& route)
{
    route.endpoint = std::make_shared<TaggedEndpoint>(route.endpoint);
    if (route.method == http::verb::get) document_preconditions(route);
}

void make_conditional(Route& route, const Conditions& conditions)
{
    const std::shared_ptr<const ErrorShape> errors = route.errors;
    route.guards.emplace_back([errors, conditions](Call& call, const nlohmann::json& parameters) {
        return hold(call, parameters, conditions, *errors);
    });
    document_preconditions(route);
}

void document_preconditions(Route& route)
{
    route.text.headers.push_back({"If-Match", "Only if its ETag is one of these"});
    route.text.headers.push_back({"If-None-Match", "Only if its ETag is none of these"});
    if (route.method == http::verb::get) route.text.others.push_back({304, "The client has it already"});
    route.text.others.push_back({412, "It is not what If-Match or If-None-Match say"});
}

}  // namespace sbx::daemon
