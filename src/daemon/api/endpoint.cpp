#include "daemon/api/endpoint.hpp"

namespace sbx::daemon {

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

}  // namespace sbx::daemon
