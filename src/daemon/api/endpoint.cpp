#include "daemon/api/endpoint.hpp"

#include "daemon/api/strict_json.hpp"
#include "daemon/http/access_rules.hpp"

namespace sbx::daemon {
namespace {

constexpr std::size_t most_shown_bytes = 1024;  // of a body that is no JSON

Response no_body(const Route& route, const RequestHead& head)
{
    const std::vector<FieldError> errors{{{"body"}, "Field required", "missing", nullptr, nullptr}};
    return route.errors->answer(errors, head.id);
}

/// What is in a body that has come.
RequestText text_of(const std::string& body, const Route& route, const RequestHead& head)
{
    RequestText text;
    if (body.empty() && route.reading.wants_body) {
        text.refusal = no_body(route, head);
    } else if (body.empty()) {
        text.members = nlohmann::json::object();
    } else if (!is_json(head.fields)) {
        text.members = body.substr(0, most_shown_bytes);
    } else {
        std::size_t wrong_at = 0;
        Result<nlohmann::json> members = parse_strict_json(body, &wrong_at);
        if (!members)
            text.refusal = route.errors->malformed(members.error(), wrong_at, head);
        else if (members->is_null() && route.reading.is_forgiving)
            text.members = nlohmann::json::object();
        else
            text.members = std::move(*members);
    }
    return text;
}

}  // namespace

asio::awaitable<RequestText> read_text(Exchange& exchange, const Route& route, const nlohmann::json& parameters)
{
    const RequestHead& head = exchange.head();
    RequestText text;
    if (route.reads_body) {
        const Result<std::string> body = co_await exchange.body(route.most_body_bytes);
        if (body)
            text = text_of(*body, route, head);
        else
            text.refusal = route.errors->answer(body.error(), head.id);
    } else if (route.passes_on) {
        text.members = nlohmann::json::object();
    } else {
        Result<nlohmann::json> query = query_json(head.target);
        if (query)
            text.members = std::move(*query);
        else
            text.refusal = route.errors->answer(query.error(), head.id);
    }
    if (text.members.is_object()) text.members.update(parameters);  // the path wins
    co_return text;
}

void place_in_path(std::vector<FieldError>& errors, const nlohmann::json& parameters)
{
    for (FieldError& error : errors) {
        if (error.loc.size() < 2) continue;
        if (error.loc[1].is_string() && parameters.contains(error.loc[1].get_ref<const std::string&>()))
            error.loc[0] = "path";
        else if (error.type == "missing" && error.loc.size() == 2)
            for (const auto& [name, unused] : parameters.items()) error.input.erase(name);
    }
}

asio::awaitable<std::optional<std::vector<std::shared_ptr<void>>>> pass_guards(Call& call, const Route& route,
                                                                               const nlohmann::json& parameters)
{
    std::optional<std::vector<std::shared_ptr<void>>> held(std::in_place);
    for (const Guard& guard : route.guards) {
        Admittance admittance = co_await guard(call, parameters);
        if (admittance.refusal) {
            co_await call.exchange.respond(std::move(*admittance.refusal));
            held.reset();
            break;
        }
        held->push_back(std::move(admittance.held));
    }
    co_return held;
}

asio::awaitable<void> JsonEndpoint::serve(Call& call, const Route& route, nlohmann::json parameters) const
{
    RequestText text = co_await read_text(call.exchange, route, parameters);
    std::shared_ptr<void> request;
    if (!text.refusal) {
        Decoder decoder(route.reading);
        {
            const Decoder::Inside inside(decoder, route.reads_body ? "body" : "query", text.members);
            decoder.take_texts(!route.reads_body);
            decode(decoder, text.members, request);
        }
        std::vector<FieldError> errors = decoder.errors();
        place_in_path(errors, parameters);
        if (!errors.empty()) text.refusal = route.errors->answer(errors, call.exchange.head().id);
    }
    if (text.refusal) {
        co_await call.exchange.respond(std::move(*text.refusal));
        co_return;
    }
    const auto held = co_await pass_guards(call, route, parameters);
    if (held) co_await handle(call, route, std::move(request));
}

Response JsonEndpoint::answered(const Call& call, const Route& route, const std::optional<Error>& failure,
                                const nlohmann::ordered_json& answer)
{
    Response response;
    if (!call.wrong.empty())
        response = route.errors->answer(call.wrong, call.exchange.head().id);
    else if (failure)
        response = route.errors->answer(*failure, call.exchange.head().id);
    else if (route.text.produces.empty())
        response = Response(route.text.status, "", "");
    else
        response = Response(route.text.status, dump(answer));
    response.headers.insert(response.headers.end(), call.headers.begin(), call.headers.end());
    return response;
}

void JsonEndpoint::describe_as(Schemas& schemas, const Route& route, const std::string& request,
                               nlohmann::ordered_json answer, nlohmann::ordered_json& operation)
{
    describe_request(operation, route, request, schemas.named()[request]);
    operation["responses"][std::to_string(route.text.status)] = described_answer(route.text, std::move(answer));
}

}  // namespace sbx::daemon
