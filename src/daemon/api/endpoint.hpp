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

/// Asks the route's guards; answers by itself where one refuses.
/// @return what they hold; nothing where one refused
asio::awaitable<std::optional<std::vector<std::shared_ptr<void>>>> pass_guards(Call& call, const Route& route,
                                                                               const nlohmann::json& parameters);

/// What serving a request of JSON is, whatever its type; hundreds of types share it.
class JsonEndpoint : public Endpoint {
   public:
    asio::awaitable<void> serve(Call& call, const Route& route, nlohmann::json parameters) const override;

   protected:
    /// @return what is answered; the answer's JSON is null where it has failed
    static Response answered(const Call& call, const Route& route, const std::optional<Error>& failure,
                             const nlohmann::ordered_json& answer);
    static void describe_as(Schemas& schemas, const Route& route, const std::string& request,
                            nlohmann::ordered_json answer, nlohmann::ordered_json& operation);

   private:
    /// The request that the JSON says, as a type of its own.
    /// @param request  where it is put
    virtual void decode(Decoder& decoder, const nlohmann::json& members, std::shared_ptr<void>& request) const = 0;
    virtual asio::awaitable<void> handle(Call& call, const Route& route, std::shared_ptr<void> request) const = 0;
};

/// Decodes a request of this type.
template <class Request>
class DecodingEndpoint : public JsonEndpoint {
   private:
    void decode(Decoder& decoder, const nlohmann::json& members, std::shared_ptr<void>& request) const override
    {
        auto made = std::make_shared<Request>();
        decoder.read(members, *made);
        request = std::move(made);
    }
};

/// A handler that is given a request and gives an answer.
template <class Request, class Answer>
class TypedEndpoint : public DecodingEndpoint<Request> {
   public:
    using Handler = std::function<asio::awaitable<Result<Answer>>(Call&, Request)>;
    explicit TypedEndpoint(Handler handler) : handler_(std::move(handler)) {}

    void describe(Schemas& schemas, const Route& route, nlohmann::ordered_json& operation) const override
    {
        schemas.of<Request>();
        JsonEndpoint::describe_as(schemas, route, plain_name<Request>(), schemas.of<Answer>(), operation);
    }

   private:
    asio::awaitable<void> handle(Call& call, const Route& route, std::shared_ptr<void> request) const override
    {
        const Result<Answer> answer = co_await handler_(call, std::move(*static_cast<Request*>(request.get())));
        std::optional<Error> failure;
        nlohmann::ordered_json json;
        if (!answer)
            failure = answer.error();
        else if (!route.text.produces.empty())
            json = json_of(*answer);
        Response response = JsonEndpoint::answered(call, route, failure, json);
        co_await call.exchange.respond(std::move(response));
    }

    Handler handler_;
};

/// A handler that answers by itself: streams, files, other protocols. Where the route does not read the body, the body
/// is the handler's.
/// @tparam Answer  what the JSON of an answer is made of, where it is JSON
template <class Request, class Answer = void>
class RawEndpoint : public DecodingEndpoint<Request> {
   public:
    using Handler = std::function<asio::awaitable<void>(Call&, Request)>;
    explicit RawEndpoint(Handler handler) : handler_(std::move(handler)) {}

    void describe(Schemas& schemas, const Route& route, nlohmann::ordered_json& operation) const override
    {
        schemas.of<Request>();
        nlohmann::ordered_json answer;
        if constexpr (!std::is_void_v<Answer>) answer = schemas.of<Answer>();
        JsonEndpoint::describe_as(schemas, route, plain_name<Request>(), std::move(answer), operation);
    }

   private:
    asio::awaitable<void> handle(Call& call, const Route& /*route*/, std::shared_ptr<void> request) const override
    {
        return handler_(call, std::move(*static_cast<Request*>(request.get())));
    }

    Handler handler_;
};

}  // namespace sbx::daemon
