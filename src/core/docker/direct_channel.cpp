#include "core/docker/agent_process.hpp"
#include "core/docker/engine.hpp"
#include "core/docker/reply.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sbx::docker {
namespace {

using namespace std::chrono_literals;
using Clock = asio::steady_timer::clock_type;

constexpr auto patience_for_socket = 500ms;  // the engine says that a container runs a moment before its agent listens
constexpr auto between_attempts = 2ms;

struct Inspected {
    std::string id;  ///< whole
    pid_t pid = 0;   ///< of the first process, as the engine counts
    bool answers = false;
};

Inspected read_inspected(const nlohmann::json& inspected)
{
    const nlohmann::json& state = inspected.at("State");
    return {.id = inspected.at("Id").get<std::string>(),
            .pid = state.at("Pid").get<pid_t>(),
            .answers = state.at("Running").get<bool>() && !state.value("Paused", false)};
}

}  // namespace

bool Engine::may_be_direct() const
{
    return client_.endpoint().scheme == Scheme::unix_socket && ::geteuid() == 0;
}

asio::awaitable<std::unique_ptr<Channel>> Engine::direct_channel(std::string id)
{
    if (!may_be_direct()) co_return nullptr;
    Request inspect(http::verb::get, fmt::format("/containers/{}/json", encoded(id)));
    const Result<nlohmann::json> reply = co_await client_.call(std::move(inspect), default_limit);
    if (!reply) co_return nullptr;
    const Result<Inspected> container = read_json(*reply, read_inspected);
    if (!container || !container->answers) co_return nullptr;
    const auto agent = AgentProcess::find(container->id, container->pid);
    if (!agent) co_return nullptr;
    asio::steady_timer pause(client_.executor());
    for (const auto end = Clock::now() + patience_for_socket; Clock::now() < end;) {
        Result<LocalSocket> socket = agent->connect(client_.executor());
        if (socket) co_return make_channel(std::move(*socket));
        if (socket.error().code != Errc::unavailable) co_return nullptr;
        pause.expires_after(between_attempts);
        error_code ignored;
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    co_return nullptr;
}

}  // namespace sbx::docker
