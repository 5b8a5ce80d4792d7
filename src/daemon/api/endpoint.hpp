#pragma once

#include "daemon/api/request_json.hpp"
#include "daemon/api/route.hpp"

namespace sbx::daemon {

/// What the document says of an answer of JSON, or of another form where `schema` is null.
nlohmann::ordered_json described_answer(const RouteText& text, nlohmann::ordered_json schema);

/// Fills in the parameters and the body of an operation.
/// @param schema  of the request's type
void describe_request(nlohmann::ordered_json& operation, const Route& route, const std::string& name,
                      const nlohmann::ordered_json& schema);

/// The request that the JSON says.
template <class Request>
std::optional<Request> decode(const Route& route, nlohmann::json members, const nlohmann::json& parameters,
                              std::vector<FieldError>& errors)
{
    Decoder decoder(route.unknown);
    std::optional<Request> request(std::in_place);
    {
        const Decoder::Inside inside(decoder, route.reads_body ? "body" : "query");
        decoder.take_texts(!route.reads_body);
        if (members.is_object()) members.update(parameters);  // the path wins
        decoder.read(members, *request);
    }
    errors = decoder.errors();
    if (!errors.empty()) request.reset();
    return request;
}

/// Reads the request; answers by itself where it is wrong.
template <class Request>
asio::awaitable<std::optional<Request>> read_request(Call& call, const Route& route, const nlohmann::json& parameters)
{
    const RequestHead& head = call.exchange.head();
    Result<nlohmann::json> members = nlohmann::json::object();
    if (!route.passes_on) members = query_json(head.target);
    if (route.reads_body) members = co_await json_body(call.exchange);
    std::optional<Request> request;
    Response refused;
    if (members) {
        std::vector<FieldError> errors;
        request = decode<Request>(route, std::move(*members), parameters, errors);
        if (!request) refused = route.errors->answer(errors, head.id);
    } else {
        refused = route.errors->answer(members.error(), head.id);
    }
    if (!request) co_await call.exchange.respond(std::move(refused));
    co_return request;
}

/// Asks the route's guards; answers by itself where one refuses.
/// @return what they hold; nothing where one refused
asio::awaitable<std::optional<std::vector<std::shared_ptr<void>>>> pass_guards(Call& call, const Route& route,
                                                                               const nlohmann::json& parameters);

/// A handler that is given a request and gives an answer.
template <class Request, class Answer>
class TypedEndpoint : public Endpoint {
   public:
    using Handler = std::function<asio::awaitable<Result<Answer>>(Call&, Request)>;
    explicit TypedEndpoint(Handler handler) : handler_(std::move(handler)) {}

    asio::awaitable<void> serve(Call& call, const Route& route, nlohmann::json parameters) const override
    {
        std::optional<Request> request = co_await read_request<Request>(call, route, parameters);
        if (!request) co_return;
        const auto held = co_await pass_guards(call, route, parameters);
        if (!held) co_return;
        const Result<Answer> answer = co_await handler_(call, std::move(*request));
        Response response;
        if (!answer)
            response = route.errors->answer(answer.error(), call.exchange.head().id);
        else if (route.text.produces.empty())
            response = Response(route.text.status, "", "");
        else
            response = Response(route.text.status, dump(json_of(*answer)));
        response.headers.insert(response.headers.end(), call.headers.begin(), call.headers.end());
        co_await call.exchange.respond(std::move(response));
    }

    void describe(Schemas& schemas, const Route& route, nlohmann::ordered_json& operation) const override
    {
        schemas.of<Request>();
        const std::string name = plain_name<Request>();
        describe_request(operation, route, name, schemas.named()[name]);
        operation["responses"][std::to_string(route.text.status)] = described_answer(route.text, schemas.of<Answer>());
    }

   private:
    Handler handler_;
};

/// A handler that answers by itself: streams, files, other protocols. Where the route does not read the body, the body
/// is the handler's.
template <class Request>
class RawEndpoint : public Endpoint {
   public:
    using Handler = std::function<asio::awaitable<void>(Call&, Request)>;
    explicit RawEndpoint(Handler handler) : handler_(std::move(handler)) {}

    asio::awaitable<void> serve(Call& call, const Route& route, nlohmann::json parameters) const override
    {
        std::optional<Request> request = co_await read_request<Request>(call, route, parameters);
        if (!request) co_return;
        const auto held = co_await pass_guards(call, route, parameters);
        if (held) co_await handler_(call, std::move(*request));
    }

    void describe(Schemas& schemas, const Route& route, nlohmann::ordered_json& operation) const override
    {
        schemas.of<Request>();
        const std::string name = plain_name<Request>();
        describe_request(operation, route, name, schemas.named()[name]);
        operation["responses"][std::to_string(route.text.status)] = described_answer(route.text, nullptr);
    }

   private:
    Handler handler_;
};

}  // namespace sbx::daemon
