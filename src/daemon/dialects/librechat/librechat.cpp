#include "daemon/dialects/librechat/librechat.hpp"

#include "daemon/api/request_json.hpp"
#include "sbx/version.hpp"

#include <fmt/chrono.h>

namespace sbx::daemon::librechat {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t most_body_bytes = std::size_t{50} << 20;
constexpr Reading reading{.refuses_unknown = false, .is_forgiving = true, .takes_foreign_body = true};
constexpr unsigned insufficient_storage = 507;
constexpr const char* patience = "5";  // seconds, of whoever is told to come again

struct Healthy {
    std::string status = "ok";
    std::string version = std::string(sbx::version());
};
BOOST_DESCRIBE_STRUCT(Healthy, (), (status, version))

struct ManagedHealth {
    std::string status = "ok";
    std::string backend = "docker";
    std::vector<std::string> languages{interpreter_words().begin(), interpreter_words().end()};
};
BOOST_DESCRIBE_STRUCT(ManagedHealth, (), (status, backend, languages))

template <class Answer>
asio::awaitable<Result<Answer>> tell(Call& /*call*/, Nothing /*request*/)
{
    co_return Answer();
}

void add_health_routes(Routes& routes)
{
    for (const std::string& path : client_paths("/health"))
        routes
            .add<Nothing, Healthy>(http::verb::get, path, {.summary = "Say that it is there", .tag = name},
                                   tell<Healthy>)
            .open = true;
    routes
        .add<Nothing, ManagedHealth>(http::verb::get, "/v1/librechat/health",
                                     {.summary = "Say that it is there, and what it runs", .tag = name},
                                     tell<ManagedHealth>)
        .open = true;
}

std::pair<unsigned, std::string> words_of(const Error& error)
{
    switch (error.code) {
        case Errc::unauthenticated:
            return {401, "Unauthorized"};
        case Errc::too_large:
            return {413, "File size limit exceeded"};
        case Errc::resource_exhausted:
            return {429, "rate_limited"};
        case Errc::unavailable:
        case Errc::image_unavailable:
        case Errc::deadline_exceeded:
            return {503, "sandbox_unavailable"};
        case Errc::internal:
            return {500, "Internal server error"};
        default:
            return {http_status(error.code), error.message};
    }
}

}  // namespace

Response Errors::told(unsigned status, std::string_view what) const
{
    ordered_json body{{"error", what}};
    if (has_detail_) body["detail"] = what;
    return {status, dump(body)};
}

Response Errors::answer(const Error& error, const std::string& /*request_id*/) const
{
    if (error.message == storage_full) return told(insufficient_storage, storage_full);
    const auto [status, words] = words_of(error);
    if (error.code != Errc::resource_exhausted) return told(status, words);
    Response response(status, dump(ordered_json{{"error", words}, {"retry_after_seconds", 5}}));
    response.headers.emplace_back("Retry-After", patience);
    return response;
}

Response Errors::answer(const std::vector<FieldError>& errors, const std::string& /*request_id*/) const
{
    return told(status_of_field_errors(), first_error(errors).message);
}

Response Errors::no_path(const RequestHead& /*head*/) const
{
    return told(404, "Not found");
}

Response Errors::no_method(const RequestHead& /*head*/, const std::string& allowed) const
{
    Response refused = told(405, "Method not allowed");
    refused.headers.emplace_back("Allow", allowed);
    return refused;
}

Response Errors::foreign_body(const RequestHead& /*head*/) const
{
    return told(400, "The body is not JSON");
}

ordered_json Errors::schema(unsigned /*status*/) const
{
    return ordered_json::parse(R"({"type": "object", "title": "LibreChatError", "required": ["error"],
                                   "properties": {"error": {"type": "string"}, "detail": {"type": "string"}}})");
}

std::vector<std::string> client_paths(const std::string& path)
{
    return {path, "/v1" + path};
}

std::string time_text(std::chrono::milliseconds time)
{
    const std::chrono::sys_time<std::chrono::milliseconds> at(time);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                       (at - seconds).count());
}

Dialect dialect(const Services& services)
{
    const auto errors = std::make_shared<Errors>();
    Routes clients(errors, reading, FinalSlash::ignored);
    add_health_routes(clients);
    add_exec_routes(clients, services);
    add_tool_routes(clients, services);
    add_upload_routes(clients, services);
    add_file_routes(clients, services);
    Routes managed(std::make_shared<Errors>(true), reading, FinalSlash::ignored);
    add_management_routes(managed, services);
    add_managed_file_routes(managed, services);
    Dialect dialect{name, "LibreChat's code interpreter", clients.all(), errors};
    dialect.routes.insert(dialect.routes.end(), managed.all().begin(), managed.all().end());
    for (Route& route : dialect.routes) {
        route.access = services.access;
        route.closes = true;  // hosts' HTTP clients destroy what they keep after five seconds
        route.most_body_bytes = most_body_bytes;
    }
    return dialect;
}

}  // namespace sbx::daemon::librechat
