#include "daemon/sandboxes/storage_check.hpp"

namespace sbx::daemon {
namespace {

constexpr unsigned insufficient_storage = 507;

}  // namespace

void refuse_when_full(Route& route, Store& store)
{
    const std::shared_ptr<const ErrorShape> errors = route.errors;
    route.guards.emplace_back(
        [errors, &store](Call& call, const nlohmann::json& /*parameters*/) -> asio::awaitable<Admittance> {
            Admittance admittance;
            const Result<void> space = co_await store.check_space();
            if (space) co_return admittance;
            admittance.refusal = errors->answer(space.error(), call.exchange.head().id);
            if (store.health() == StoreHealth::full) admittance.refusal->status = insufficient_storage;
            co_return admittance;
        });
    route.text.others.push_back({insufficient_storage, "The disk of the daemon's state directory is nearly full"});
}

}  // namespace sbx::daemon
