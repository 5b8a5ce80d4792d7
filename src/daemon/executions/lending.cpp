#include "daemon/executions/lending.hpp"

#include "core/read_buffer.hpp"
#include "core/sandbox/agent_volume.hpp"
#include "core/sandbox/identity.hpp"
#include "core/with_timeout.hpp"
#include "daemon/executions/named_libraries.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>

namespace sbx::daemon {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t piece_bytes = std::size_t{256} << 10;
constexpr std::size_t remembered = 256;    // endings
constexpr auto patience_for_ending = 3s;   // the engine needs a moment to say it
constexpr auto beside_the_program = 3min;  // a compilation, files both ways
constexpr auto without_limit = 24h * 365;

/// One way. Ends both when it ends.
asio::awaitable<void> pass(Channel& from, Channel& to)
{
    ReadBuffer piece(piece_bytes);
    for (;;) {
        const Result<std::size_t> got = co_await from.read_some(piece.all());
        if (!got || *got == 0) break;
        const Result<void> written = co_await to.write(piece.first(*got));
        if (!written) break;
    }
    from.close();
    to.close();
}

asio::awaitable<Result<void>> pass_both(Channel& one, Channel& other)
{
    using namespace asio::experimental::awaitable_operators;
    co_await (pass(one, other) && pass(other, one));
    co_return Result<void>();
}

Result<RunRequest> request_of(const LendOrder& order, const Settings& settings, const Caller& caller)
{
    if ((order.full_network || order.no_time_limit) && !caller.is_operator)
        return Error(Errc::permission_denied, order.full_network ? "the whole network is the operator's to give"
                                                                 : "a run without a time limit is the operator's");
    if (const auto allowed = check_image_name(order.image, settings, caller); !allowed) return allowed.error();
    const auto limits = merge(settings.limits, order.limits, ceiling_of(caller));
    if (!limits) return limits.error();
    auto labels = checked_labels(order.labels);
    if (!labels) return labels.error();
    RunRequest request;
    request.limits = *limits;
    if (order.no_time_limit) request.limits.wall_ms.reset();
    request.labels = std::move(*labels);
    request.network = order.full_network ? Network::full : Network::none;
    request.standby = order.pooled;
    return request;
}

}  // namespace

struct Lending::Carried {
    Carried(Lending& of_, Channel& channel_) : of(of_), channel(channel_) { of.carried_.push_back(this); }
    ~Carried()
    {
        std::erase(of.carried_, this);
        of.changed_.notify_all();
    }
    Carried(const Carried&) = delete;
    Carried& operator=(const Carried&) = delete;

    Lending& of;
    Channel& channel;
};

asio::awaitable<void> Lending::close(std::chrono::milliseconds patience)
{
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!carried_.empty() && std::chrono::steady_clock::now() < deadline) co_await changed_.wait(deadline);
    for (Carried* const each : carried_) each->channel.close();
    const auto end = std::chrono::steady_clock::now() + 3 * patience_for_ending;
    while (!carried_.empty() && std::chrono::steady_clock::now() < end) co_await changed_.wait(end);
}

asio::awaitable<Result<Lent>> Lending::lend(LendOrder order, Caller caller)
{
    const auto language = find_language(order.language);
    if (!language) co_return Error(Errc::invalid_argument, language.error().message, language.error().hint);
    Result<RunRequest> request = request_of(order, services_.settings, caller);
    if (!request) co_return request.error();
    std::string key = caller.key;
    const std::optional<std::size_t> most = services_.store.quota_of(key).max_concurrent;
    if (!order.patient && !services_.admission.has_room(key, most))
        co_return Error(Errc::resource_exhausted, "it would have to wait for its turn");
    Result<Admission::Place> place = co_await services_.admission.enter(std::move(key), most);
    if (!place) co_return place.error();
    const Result<ChosenImage> image = co_await services_.images.get(**language, order.image.value_or(""));
    if (!image) co_return image.error();
    request->image = image->info;
    request->image_name = image->reference;
    identify(*request, services_.instance, **language, order.preload);
    const auto libraries = co_await named_libraries(services_.engine, services_.endpoint, services_.settings,
                                                    services_.own, **language, *image, order.libraries);
    if (!libraries) co_return libraries.error();
    if (*libraries) request->libraries.push_back((*libraries)->mount);
    if (order.pooled) services_.pool.expect(*request, std::string((*language)->name));
    bool pooled = false;
    Result<Launched> launched = co_await open(*request, pooled);
    if (!launched) co_return launched.error();
    EnvironmentList variables;
    if (*libraries) variables = (*libraries)->variables;
    Lent lent{request->execution_id, caller.key,       *language, *image, std::move(variables), pooled,
              std::move(*launched),  std::move(*place)};
    loans_.push_back({lent.id, caller.key, image->reference});
    if (loans_.size() > remembered) loans_.pop_front();
    publish("execution.started", lent, "running");
    lent.longest = request->limits.wall_ms.value_or(without_limit) + beside_the_program;
    co_return lent;
}

asio::awaitable<Result<Launched>> Lending::open(const RunRequest& request, bool& pooled)
{
    const Result<const wire::AgentImage*> agent = check_image(request.image, request.image_name);
    if (!agent) co_return agent.error();
    if (may_use_standby(request)) {
        const std::string key = standby_key(standby_spec(request, services_.endpoint, **agent));
        while (std::optional<ClaimedStandby> standby = services_.pool.claim(key)) {
            std::string id = standby->id;
            StandbyWay way(services_.engine, std::move(*standby));
            Result<Launched> launched = co_await way.open(request, "");
            pooled = launched.has_value();
            if (launched) co_return launched;
            co_await way.remove(std::move(id));
        }
    }
    Result<Launched> launched = Error(Errc::internal, "never tried");
    for (const bool refill : {false, true}) {  // the volume may have lost its content since it was verified
        Result<Mount> volume = co_await ensure_agent_volume(services_.engine, services_.endpoint, **agent,
                                                            request.image.id, services_.own.cache, refill);
        if (!volume) co_return volume.error();
        launched = co_await launch(request, std::move(*volume));
        if (launched || !is_agent_missing(launched.error())) break;
    }
    co_return launched;
}

asio::awaitable<Result<Launched>> Lending::launch(const RunRequest& request, Mount agent)
{
    ColdWay way(services_.engine, std::move(agent));
    Result<Launched> launched = co_await way.open(request, "");
    if (!launched) co_return launched;
    const Result<void> started = co_await launched->life->started();
    if (!started) co_return started.error();
    co_return launched;
}

asio::awaitable<void> Lending::carry(Lent lent, std::unique_ptr<Channel> client)
{
    Launched& sandbox = lent.launched;
    const Carried carried(*this, *sandbox.channel);
    if (client != nullptr) {
        const Result<void> passed = co_await with_timeout(pass_both(*client, *sandbox.channel), lent.longest);
    }
    sandbox.channel->close();
    Result<Ending> ending = co_await with_timeout(sandbox.life->ended(), patience_for_ending);
    if (Loan* const loan = find(lent.id)) loan->ending = std::move(ending);
    publish("execution.ended", lent, "ended");
    changed_.notify_all();
    const Result<void> removed = co_await services_.engine.remove(sandbox.id);
}

void Lending::publish(std::string_view type, const Lent& lent, std::string_view state) const
{
    nlohmann::ordered_json what;
    what["id"] = lent.id;
    what["language"] = lent.language->name;
    what["dialect"] = "client";
    what["state"] = state;
    services_.events.publish(type, lent.owner, what);
}

Lending::Loan* Lending::find(const std::string& id)
{
    const auto at = std::ranges::find(loans_, id, &Loan::id);
    return at == loans_.end() ? nullptr : &*at;
}

asio::awaitable<Result<Ending>> Lending::ending(std::string id, Caller caller)
{
    const auto until = std::chrono::steady_clock::now() + 2 * patience_for_ending;
    for (;;) {
        const Loan* const loan = find(id);
        const bool is_over = std::chrono::steady_clock::now() >= until;
        if (loan == nullptr || !caller.owns(loan->owner) || (!loan->ending && is_over))
            co_return Error(Errc::not_found, "there is no such run, or it has not ended");
        if (loan->ending) co_return *loan->ending;
        co_await changed_.wait(until);
    }
}

}  // namespace sbx::daemon
