#include "daemon/sandboxes/sandboxes.hpp"

#include "core/net/egress_list.hpp"
#include "core/random.hpp"
#include "core/sandbox/beginning.hpp"
#include "core/sandbox/kernel_place.hpp"
#include "core/sandbox/run.hpp"
#include "daemon/executions/named_libraries.hpp"
#include "daemon/sandboxes/growing_volume.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>

namespace sbx::daemon {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t token_bytes = 32;
constexpr std::chrono::milliseconds shortest_life = 1s;  // that its start fits into
constexpr std::size_t most_sessions = 16;                // that are kept of a sandbox's kernels

Error unknown(const std::string& id)
{
    return {Errc::not_found, fmt::format("there is no such sandbox: {}", id), "GET /v1/sandboxes"};
}

Error not_told_yet()
{
    return {Errc::unavailable, "the engine has not told yet which sandboxes live", "GET /v1/ready"};
}

}  // namespace

Sandboxes::Sandboxes(const asio::any_io_executor& executor, SandboxServices services,
                     const std::filesystem::path& state, SandboxBounds bounds)
    : executor_(executor), services_(std::move(services)), store_(state), bounds_(bounds)
{
}

// ---- making one

Result<void> Sandboxes::check_room(const Caller& caller, std::string_view dialect) const
{
    if (living_.size() >= bounds_.total)
        return Error(Errc::resource_exhausted, fmt::format("there are {} sandboxes already", living_.size()),
                     "end one, or try again later");
    // What an operator gave a key is for all that it does.
    const auto own = services_.store.quota_of(caller.key).max_sandboxes;
    const bool counts_all = own || !bounds_.counts_each_dialect;
    const auto of_caller = std::ranges::count_if(living_, [&](const auto& entry) {
        const SandboxRecord& record = entry.second->record;
        return record.owner == caller.key && (counts_all || record.dialect == dialect);
    });
    const std::size_t most = own.value_or(bounds_.per_key);
    if (!caller.is_operator && static_cast<std::size_t>(of_caller) >= most)
        return Error(Errc::resource_exhausted, fmt::format("you have {} sandboxes already", of_caller),
                     "DELETE /v1/sandboxes/ID");
    return {};
}

asio::awaitable<Result<SandboxRecord>> Sandboxes::make_record(SandboxOrder order, Caller caller)
{
    SandboxRecord record;
    const auto language = find_language(order.language.empty() ? "python" : order.language);
    if (!language) co_return Error(Errc::invalid_argument, language.error().message, language.error().hint);
    if (!order.name.empty() && !is_sandbox_name(order.name))
        co_return Error(Errc::invalid_argument, "name: it is not of letters, digits, '.', '_' and '-'");
    if (const auto allowed = check_image_name(order.image, services_.settings, caller); !allowed)
        co_return allowed.error();
    if (order.full_network && !caller.is_operator)
        co_return Error(Errc::permission_denied, "the whole network is the operator's to give");
    auto directory = checked_directory(order.directory.empty() ? "/work" : order.directory);
    if (!directory) co_return directory.error();
    const auto granted = granted_settings(services_.settings, order.granted);
    if (!granted) co_return granted.error();
    const auto limits = merge(granted->limits, wish_after(order.granted, *granted, order.limits), ceiling_of(caller));
    if (!limits) co_return limits.error();
    const auto rules = checked_rules(order.allow);
    if (!rules) co_return rules.error();
    auto environment = checked_environment(order.environment);
    if (!environment) co_return environment.error();
    if (const auto sound = checked_labels(order.labels); !sound) co_return sound.error();
    const auto life = order.life.value_or(bounds_.life);
    if (life < shortest_life || life > bounds_.longest_life)
        co_return Error(Errc::invalid_argument,
                        fmt::format("ttl_ms: from {} to {}", shortest_life.count(), bounds_.longest_life.count()));
    record.name = std::move(order.name);
    record.limits = *limits;
    for (const EgressRule& rule : *rules) record.allow.push_back(format_egress_rule(rule));
    record.permit = services_.settings.egress_permit;
    record.environment = std::move(*environment);
    record.labels = std::move(order.labels);
    record.metadata = std::move(order.metadata);
    record.directory = std::move(*directory);
    if (order.full_network || order.granted.full_network) record.network = Network::full;
    record.token = random_hex(token_bytes);
    record.endpoint = services_.endpoint;
    record.instance = services_.instance;
    record.owner = caller.key;
    record.idle = order.idle.value_or(bounds_.idle);
    record.created = record_time();
    record.deadline = record.created + life;
    const Result<void> equipped = co_await equip(record, order, **language);
    if (!equipped) co_return equipped.error();
    co_return record;
}

/// Chooses the image, and installs what is wanted into it.
asio::awaitable<Result<void>> Sandboxes::equip(SandboxRecord& record, const SandboxOrder& order,
                                               const Language& language)
{
    const std::string wanted = order.image.value_or(order.granted.image.value_or(""));
    const Result<ChosenImage> image = co_await services_.images.get(language, wanted, order.home);
    if (!image) co_return image.error();
    const auto usable = check_image(image->info, image->reference);
    if (!usable) co_return usable.error();
    record.image = image->info.id;
    record.image_name = image->reference;
    record.architecture = image->info.architecture;
    const auto libraries = co_await named_libraries(services_.engine, services_.endpoint, services_.settings,
                                                    services_.own, language, *image, order.libraries);
    if (!libraries) co_return libraries.error();
    const auto index = find_package_index(language);
    if (order.grows && index) record.libraries.push_back(new_growing_volume(services_.instance, **index));
    if (!*libraries) co_return Result<void>();
    record.libraries.push_back((*libraries)->mount);
    record.environment = merged((*libraries)->variables, std::move(record.environment));
    co_return Result<void>();
}

asio::awaitable<Result<std::shared_ptr<Living>>> Sandboxes::create(SandboxOrder order, Caller caller,
                                                                   std::string dialect)
{
    if (const auto room = check_room(caller, dialect); !room) co_return room.error();
    Result<SandboxRecord> wanted = co_await make_record(order, caller);
    if (!wanted) co_return wanted.error();
    // Others may have come meanwhile.
    if (const auto room = check_room(caller, dialect); !room) co_return room.error();
    wanted->dialect = std::move(dialect);
    const Result<SandboxRecord> record = store_.add(std::move(*wanted));
    if (!record) co_return record.error();
    auto living = keep(*record);
    while (!living->ready && !living->over) co_await living->changed.wait(std::nullopt);
    if (living->over) {
        store_.forget(*record);
        if (*living->over) co_return Error(Errc::unavailable, "the sandbox ended as soon as it began");
        co_return living->over->error();
    }
    publish("sandbox.created", living->record);
    const Result<void> begun = co_await set_up(living, std::move(order));
    if (begun) co_return living;
    const Result<void> removed = co_await remove(living);
    co_return begun.error();
}

/// Puts its files there, and starts its template's command.
asio::awaitable<Result<void>> Sandboxes::set_up(std::shared_ptr<Living> living, SandboxOrder order)
{
    RunRequest request;
    request.limits = living->record.limits;
    request.environment = living->record.environment;
    request.directory = living->record.directory;
    for (auto& [name, content] : order.files) {
        auto place = checked_place(name);
        if (!place) co_return Error(place.error().code, "files: " + place.error().message, place.error().hint);
        InputFile file;
        file.target = std::move(*place);
        file.content = std::move(content.bytes);
        request.files.push_back(std::move(file));
    }
    if (!begins_with_something(request, order.granted.start)) co_return Result<void>();
    std::function<asio::awaitable<Result<void>>(AgentLink&)> work = [&](AgentLink& link) {
        return begin_with(link, std::move(request), order.granted.start);
    };
    co_return co_await talk<void>(living, std::move(work));
}

/// Keeps it until it ends; the container is made where there is none yet.
std::shared_ptr<Living> Sandboxes::keep(SandboxRecord record)
{
    auto living = std::make_shared<Living>(executor_);
    living->record = record;
    living->lock = FileLock::try_acquire(store_.lock_of(record.id));
    living_[record.id] = living;
    std::function<bool()> ready = [living] {
        living->ready = true;
        living->changed.notify_all();
        return true;
    };
    KeeperWatch watch = [living](Keeper* keeper) {
        if (keeper == nullptr && living->keeper != nullptr) living->record = living->keeper->record();
        living->kernels.clear();
        living->keeper = keeper;
    };
    const bool is_new = record.container.empty();
    auto keeping =
        is_new ? keep_new_sandbox(services_.engine, store_, std::move(record), services_.own.cache, std::move(ready),
                                  std::move(watch))
               : keep_living_sandbox(services_.engine, store_, std::move(record), std::move(ready), std::move(watch));
    auto finished = [this, living](const std::exception_ptr& thrown, Result<void> kept) {
        living->over = thrown ? Result<void>(Error(Errc::internal, "an unexpected failure")) : std::move(kept);
        living_.erase(living->record.id);
        living->changed.notify_all();
        asio::co_spawn(executor_, bury(living), asio::detached);
    };
    asio::co_spawn(executor_, std::move(keeping), std::move(finished));
    return living;
}

/// Remembers why it ended, and removes what is left of it.
asio::awaitable<void> Sandboxes::bury(std::shared_ptr<Living> living)
{
    SandboxRecord record = living->record;
    if (!record.cause) record = store_.read(record.id).value_or(record);
    const bool never_was = living->over && !*living->over;
    if (record.cause) {  // else it lives on without us, or it never was
        publish("sandbox.ended", record);
        Tombstone tombstone;
        tombstone.id = record.id;
        tombstone.name = record.name;
        tombstone.owner = record.owner;
        tombstone.cause = *record.cause;
        tombstone.created = record.created;
        tombstone.ended = record.ended;
        tombstone.labels = record.labels;
        (void)co_await services_.store.add_tombstone(std::move(tombstone));
    }
    if (record.cause || never_was) co_await remove_volume(record);
    living->buried = true;
    living->changed.notify_all();
}

// ---- those that are there

Result<std::shared_ptr<Living>> Sandboxes::find_any(const std::string& id, const Caller& caller) const
{
    const auto at = living_.find(id);
    if (at == living_.end() && !adopted_) return not_told_yet();
    if (at == living_.end() || !at->second->ready || !caller.owns(at->second->record.owner)) return unknown(id);
    return at->second;
}

Result<std::shared_ptr<Living>> Sandboxes::find(const std::string& id, const Caller& caller) const
{
    Result<std::shared_ptr<Living>> living = find_any(id, caller);
    if (living && is_paused(**living))
        return Error(Errc::conflict, "the sandbox is paused", fmt::format("POST /v1/sandboxes/{}/resume", id));
    return living;
}

Result<std::shared_ptr<Living>> Sandboxes::find_named(const std::string& name,
                                                      std::span<const std::string_view> dialects,
                                                      const Caller& caller) const
{
    for (const std::shared_ptr<Living>& living : list(caller, dialects))
        if (living->record.name == name) return living;
    return adopted_ ? unknown(name) : not_told_yet();
}

Result<void> Sandboxes::are_known() const
{
    return adopted_ ? Result<void>() : not_told_yet();
}

std::vector<std::shared_ptr<Living>> Sandboxes::list(const Caller& caller,
                                                     std::span<const std::string_view> dialects) const
{
    std::vector<std::shared_ptr<Living>> all = list(caller);
    std::erase_if(
        all, [&](const auto& living) { return std::ranges::find(dialects, living->record.dialect) == dialects.end(); });
    return all;
}

std::vector<std::shared_ptr<Living>> Sandboxes::list(const Caller& caller) const
{
    std::vector<std::shared_ptr<Living>> all;
    for (const auto& [id, living] : living_)
        if (living->ready && caller.owns(living->record.owner)) all.push_back(living);
    std::ranges::sort(all, {}, [](const auto& living) { return living->record.created; });
    return all;
}

Result<std::unique_ptr<Channel>> Sandboxes::connect(const Living& living)
{
    if (living.keeper == nullptr) return unknown(living.record.id);
    return living.keeper->connect();
}

Result<Keeper::Guest> Sandboxes::invite(const Living& living)
{
    if (living.keeper == nullptr) return unknown(living.record.id);
    return living.keeper->invite();
}

void Sandboxes::admit(const Living& living, std::unique_ptr<Channel> channel)
{
    if (living.keeper == nullptr) return channel->close();
    living.keeper->admit(std::move(channel), "");  // who he is was asked before
}

std::vector<SandboxRecord> Sandboxes::records(const Caller& caller) const
{
    std::vector<SandboxRecord> all = store_.list();
    std::erase_if(all, [&](const SandboxRecord& record) {
        return record.instance != services_.instance || !caller.owns(record.owner);
    });
    return all;
}

Result<void> Sandboxes::forget(const std::string& id, const Caller& caller) const
{
    const auto record = store_.read(id);
    if (!record || !record->cause || record->instance != services_.instance || !caller.owns(record->owner))
        return unknown(id);
    store_.forget(*record);
    return {};
}

Result<KernelUse> Sandboxes::kernel(Living& living, KernelPlace place) const
{
    Result<Keeper::Guest> guest = invite(living);
    if (!guest) return guest.error();
    const std::string name = fmt::format("{} {}", place.language, place.context);
    if (!living.kernels.contains(name) && living.kernels.size() >= most_sessions)
        std::erase_if(living.kernels, [](const auto& entry) { return entry.second.use_count() == 1; });
    std::shared_ptr<KernelSession>& session = living.kernels[name];
    if (!session) session = std::make_shared<KernelSession>(guest->link(), std::move(place), guest->turns());
    return KernelUse{std::move(*guest), session};
}

std::map<std::string, std::size_t> Sandboxes::states() const
{
    std::map<std::string, std::size_t> states{{"starting", 0}, {"running", 0}, {"paused", 0}};
    for (const auto& [id, living] : living_) {
        if (!living->ready)
            ++states["starting"];
        else
            ++states[is_paused(*living) ? "paused" : "running"];
    }
    return states;
}

}  // namespace sbx::daemon
