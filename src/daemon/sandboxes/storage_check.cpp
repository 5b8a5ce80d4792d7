#include "daemon/sandboxes/storage_check.hpp"

namespace sbx::daemon {
namespace {

constexpr unsigned insufficient_storage = 507;

}  // namespace

void refuse_when_full(Route& route, Store& store)
{
    const std::shared_ptr<const ErrorShape> errors = route.errors;
    route.guards.emplace_back([errors, &store](Call& call,
                                               const nlohmann::json& /*parameters*/) -> asio::awaitable<Admittance> {
        Admittance admittance;
        const Result<void> space = co_await store.check_space();
        if (space) co_return admittance;
        const std::string& id = call.exchange.head().id;
        if (store.health() == StoreHealth::full) {
            // Where that is, is the operator's to know; and a second later it will hardly have changed.
            admittance.refusal = errors->answer(Error(Errc::resource_exhausted, "the disk of the daemon is nearly full",
                                                      "its operator has to free some of it"),
                                                id);
            admittance.refusal->status = insufficient_storage;
            std::erase_if(admittance.refusal->headers, [](const auto& field) { return field.first == "Retry-After"; });
        } else {
            admittance.refusal = errors->answer(space.error(), id);
        }
        co_return admittance;
    });
    route.text.others.push_back({insufficient_storage, "The disk of the daemon's state directory is nearly full"});
}

}  // namespace sbx::daemon
