#include "daemon/api/conditional.hpp"

#include "daemon/http/forwarding_exchange.hpp"

#include <fmt/format.h>

#include <tuple>

namespace sbx::daemon {
namespace {

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
        if (head().method == http::verb::get) refusal = refusal_by_preconditions(head(), tag, errors_);
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
class Turn {
   public:
    /// What is changed is named by the path's parameters and, inside a sandbox, by the query's `path`.
    Turn(ConditionalTurns& turns, const RequestHead& head, const nlohmann::json& parameters) : turns_(turns)
    {
        const std::string_view inside = head.target.value("path").value_or("");
        std::tie(at_, is_ours_) = turns_.insert(fmt::format("{} {}", parameters.dump(), inside));
    }
    ~Turn()
    {
        if (is_ours_) turns_.erase(at_);
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    bool is_ours() const { return is_ours_; }

   private:
    ConditionalTurns& turns_;
    ConditionalTurns::iterator at_;
    bool is_ours_ = false;
};

}  // namespace

void add_tag(Response& response, std::string tag)
{
    response.headers.emplace_back("ETag", std::move(tag));
    response.headers.emplace_back("Cache-Control", "private, no-cache");
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

void make_conditional(Route& route, std::shared_ptr<ConditionalTurns> turns, CurrentTag current)
{
    const std::shared_ptr<const ErrorShape> errors = route.errors;
    route.guards.emplace_back([errors, turns = std::move(turns), current = std::move(current)](
                                  Call& call, const nlohmann::json& parameters) -> asio::awaitable<Admittance> {
        const RequestHead& head = call.exchange.head();
        Admittance admittance;
        if (!has_preconditions(head)) co_return admittance;
        auto turn = std::make_shared<Turn>(*turns, head, parameters);
        if (!turn->is_ours())
            admittance.refusal = errors->answer(Error(Errc::conflict, "another request is just changing it"), head.id);
        if (admittance.refusal) co_return admittance;
        const Result<std::optional<std::string>> tag = co_await current(call, parameters);
        if (tag) admittance.refusal = refusal_by_preconditions(head, *tag, *errors);
        admittance.held = std::move(turn);
        co_return admittance;
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
