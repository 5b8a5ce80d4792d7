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

/// What a request says, as it is written.
struct RequestText {
    nlohmann::json members;  ///< of its body or its query, and of its path
    std::optional<Response> refusal = std::nullopt;
};
asio::awaitable<RequestText> read_text(Exchange& exchange, const Route& route, const nlohmann::json& parameters);

/// Says of what is wrong with parameters of the path that it is there.
void place_in_path(std::vector<FieldError>& errors, const nlohmann::json& parameters);

/// The request that the JSON says.
template <class Request>
std::optional<Request> decode(const Route& route, const nlohmann::json& members, const nlohmann::json& parameters,
                              std::vector<FieldError>& errors)
{
    Decoder decoder(route.reading);
    std::optional<Request> request(std::in_place);
    {
        const Decoder::Inside inside(decoder, route.reads_body ? "body" : "query", members);
        decoder.take_texts(!route.reads_body);
        decoder.read(members, *request);
    }
    errors = decoder.errors();
    place_in_path(errors, parameters);
    if (!errors.empty()) request.reset();
    return request;
}

/// Reads the request; answers by itself where it is wrong.
template <class Request>
asio::awaitable<std::optional<Request>> read_request(Call& call, const Route& route, const nlohmann::json& parameters)
{
    RequestText text = co_await read_text(call.exchange, route, parameters);
    std::optional<Request> request;
    if (!text.refusal) {
        std::vector<FieldError> errors;
        request = decode<Request>(route, text.members, parameters, errors);
        if (!request) text.refusal = route.errors->answer(errors, call.exchange.head().id);
    }
    if (text.refusal) co_await call.exchange.respond(std::move(*text.refusal));
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
        if (!call.wrong.empty())
            response = route.errors->answer(call.wrong, call.exchange.head().id);
        else if (!answer)
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
/// @tparam Answer  what the JSON of an answer is made of, where it is JSON
template <class Request, class Answer = void>
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
        nlohmann::ordered_json schema;
        if constexpr (!std::is_void_v<Answer>) schema = schemas.of<Answer>();
        operation["responses"][std::to_string(route.text.status)] = described_answer(route.text, std::move(schema));
    }

   private:
    Handler handler_;
};

}  // namespace sbx::daemon
