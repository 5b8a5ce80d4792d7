#include "daemon/dialects/colima/colima.hpp"

#include "core/random.hpp"

#include <fmt/chrono.h>

#include <array>

namespace sbx::daemon::colima {
namespace {

constexpr std::string_view prefix = "clm_";
constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::size_t random_letters = 20;
constexpr std::array<std::string_view, 1> dialects{"colima"};
constexpr unsigned unprocessable = 422;

struct Alive {
    std::string status = "ok";
};
BOOST_DESCRIBE_STRUCT(Alive, (), (status))

asio::awaitable<Result<Alive>> tell_health(Call& /*call*/, Nothing /*request*/)
{
    co_return Alive();
}

}  // namespace

Response ColimaErrors::answer(const Error& error, const std::string& request_id) const
{
    Response response = FastApiErrors::answer(error, request_id);
    if (error.code == Errc::invalid_argument) response.status = unprocessable;
    return response;
}

std::string new_sandbox_id()
{
    return std::string(prefix) + random_text(random_letters, alphabet);
}

std::string time_text(std::chrono::milliseconds time)
{
    const std::chrono::sys_seconds seconds{std::chrono::floor<std::chrono::seconds>(time)};
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)));
}

Result<std::shared_ptr<Living>> find_sandbox(const Services& services, const std::string& id, const Caller& caller)
{
    auto living = services.sandboxes.find_named(id, dialects, caller);
    if (!living && living.error().code == Errc::not_found)
        return Error(Errc::not_found, fmt::format("Sandbox {} not found", id));
    return living;
}

Result<std::shared_ptr<Living>> find_running(const Services& services, const std::string& id, const Caller& caller)
{
    auto living = find_sandbox(services, id, caller);
    if (living && services.sandboxes.is_paused(**living))
        return Error(Errc::conflict, fmt::format("Sandbox {} is paused", id));
    return living;
}

Dialect dialect(const Services& services)
{
    const auto errors = std::make_shared<ColimaErrors>();
    Routes routes(errors, fast_api_reading, FinalSlash::redirects);
    add_sandbox_routes(routes, services);
    add_file_routes(routes, services);
    const auto feeds = std::make_shared<ProcessFeeds>(services.sandboxes);
    add_command_routes(routes, services, feeds);
    add_stream_route(routes, services, feeds);
    Route& health = routes.add<Nothing, Alive>(http::verb::get, "/health",
                                               {.summary = "Say that it is there", .tag = "health"}, tell_health);
    health.open = true;
    return {"colima", "Sandboxes in E2B's manner", routes.all(), errors};
}

}  // namespace sbx::daemon::colima
