#include "daemon/idempotency/idempotent_endpoint.hpp"

#include "daemon/api/request_json.hpp"
#include "daemon/idempotency/idempotency_key.hpp"
#include "daemon/idempotency/recorded_exchange.hpp"

#include <fmt/format.h>

namespace sbx::daemon {
namespace {

using Clock = std::chrono::steady_clock;

/// Whether something may have been done. What was refused before anything began may be tried again with the same key.
bool is_final(unsigned status)
{
    return status < 400 || status == 500 || status == 504;
}

Digest digest_of_request(const RequestHead& head, const std::string& body)
{
    return digest_of(fmt::format("{} {}\n{}", std::string_view(http::to_string(head.method)), head.target.path, body));
}

/// What is under way, which ends as though it had never begun unless its answer is kept.
class Holding {
   public:
    Holding(IdempotentAnswers& answers, IdempotentAnswers::Name name) : answers_(answers), name_(std::move(name)) {}
    ~Holding() { answers_.drop(name_); }
    Holding(const Holding&) = delete;
    Holding& operator=(const Holding&) = delete;

    void keep(Response answer) { answers_.keep(name_, std::move(answer), Clock::now()); }

   private:
    IdempotentAnswers& answers_;
    IdempotentAnswers::Name name_;
};

class IdempotentEndpoint : public Endpoint {
   public:
    IdempotentEndpoint(std::shared_ptr<const Endpoint> inner, IdempotentAnswers& answers)
        : inner_(std::move(inner)), answers_(answers)
    {
    }

    asio::awaitable<void> serve(Call& call, const Route& route, nlohmann::json parameters) const override
    {
        const Result<std::optional<std::string>> key = idempotency_key(call.exchange.head().fields);
        if (!key) {
            Response refused = route.errors->answer(key.error(), call.exchange.head().id);
            co_await call.exchange.respond(std::move(refused));
        } else if (!*key) {
            co_await inner_->serve(call, route, std::move(parameters));
        } else {
            std::string text = **key;
            co_await serve_once(call, route, std::move(parameters), std::move(text));
        }
    }

    void describe(Schemas& schemas, const Route& route, nlohmann::ordered_json& operation) const override
    {
        inner_->describe(schemas, route, operation);
    }

   private:
    asio::awaitable<void> serve_once(Call& call, const Route& route, nlohmann::json parameters, std::string key) const
    {
        const RequestHead& head = call.exchange.head();
        Result<std::string> body = co_await call.exchange.body(most_json_bytes);
        if (!body) {
            Response refused = route.errors->answer(body.error(), head.id);
            co_await call.exchange.respond(std::move(refused));
            co_return;
        }
        // The operator and callers without a key have no key's id, and are not the same.
        IdempotentAnswers::Name name;
        name.owner = call.caller.is_operator ? "operator" : "key " + call.caller.key;
        name.key = std::move(key);
        const IdempotentAnswers::Found found = answers_.begin(name, digest_of_request(head, *body), Clock::now());
        if (found.state != IdempotentAnswers::State::begun) {
            Response again = repeated(found, route, head.id);
            co_await call.exchange.respond(std::move(again));
            co_return;
        }
        Holding holding(answers_, std::move(name));
        std::function<void(const Response&)> keep = [&](const Response& answer) {
            if (is_final(answer.status)) holding.keep(answers_.fits(answer) ? answer : too_large(route, head.id));
        };
        RecordedExchange recorded(call.exchange, std::move(*body), std::move(keep));
        Call inner(recorded, call.caller);
        co_await inner_->serve(inner, route, std::move(parameters));
    }

    static Response repeated(const IdempotentAnswers::Found& found, const Route& route, const std::string& request_id)
    {
        Response answer;
        switch (found.state) {
            case IdempotentAnswers::State::other_request:
                answer = route.errors->answer(
                    Error(Errc::invalid_argument, "the Idempotency-Key was used for another request", "a new key"),
                    request_id);
                answer.status = 422;
                break;
            case IdempotentAnswers::State::under_way:
                answer = route.errors->answer(
                    Error(Errc::conflict, "the request with this Idempotency-Key is still under way"), request_id);
                answer.headers.emplace_back("Retry-After", "1");
                break;
            case IdempotentAnswers::State::full:
                answer = route.errors->answer(
                    Error(Errc::resource_exhausted, "too many requests with an Idempotency-Key are under way"),
                    request_id);
                break;
            default:
                answer = *found.answer;
                answer.headers.emplace_back("Idempotency-Replayed", "true");
        }
        return answer;
    }

    /// What is told later in place of an answer that is not kept: it must not be done again.
    static Response too_large(const Route& route, const std::string& request_id)
    {
        return route.errors->answer(
            Error(Errc::too_large, "it was done, and its answer is too large to be kept", "GET /v1/executions"),
            request_id);
    }

    std::shared_ptr<const Endpoint> inner_;
    IdempotentAnswers& answers_;
};

}  // namespace

void make_idempotent(Route& route, IdempotentAnswers& answers)
{
    route.endpoint = std::make_shared<IdempotentEndpoint>(route.endpoint, answers);
    route.text.headers.push_back({idempotency_key_field, "The same request with the same key is served once in a day"});
    route.text.others.push_back({409, "The request with this Idempotency-Key is still under way"});
    route.text.others.push_back({422, "The Idempotency-Key was used for another request"});
}

}  // namespace sbx::daemon
