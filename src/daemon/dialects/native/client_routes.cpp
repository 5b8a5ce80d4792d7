// What `sbx --host` uses: it moves programs itself, over the wire (docs/wire.md), as it does on its own machine.
#include "core/sandbox/sandbox_record.hpp"
#include "daemon/api/request_json.hpp"
#include "daemon/dialects/native/native.hpp"
#include "daemon/executions/attend.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sbx::daemon::native {

// Types that requests and answers are made of: they have names for templates of other files.

struct ClientEnding {
    std::optional<int> exit_code;
    bool oom = false;
    bool killed = false;
    std::string last_words;
};
BOOST_DESCRIBE_STRUCT(ClientEnding, (), (exit_code, oom, killed, last_words))

struct ClientId {
    std::string id;
};
BOOST_DESCRIBE_STRUCT(ClientId, (), (id))

/// Sandboxes in the form of their records.
struct ClientRecords {
    std::vector<nlohmann::json> sandboxes;
    std::vector<std::string> paused;  ///< ids
};
BOOST_DESCRIBE_STRUCT(ClientRecords, (), (sandboxes, paused))

/// A one-off run that is under way.
struct ClientRunView {
    std::string id;
    std::string image;
    std::int64_t created_ms = 0;
};
BOOST_DESCRIBE_STRUCT(ClientRunView, (), (id, image, created_ms))

struct ClientRunViews {
    std::vector<ClientRunView> runs;
};
BOOST_DESCRIBE_STRUCT(ClientRunViews, (), (runs))

namespace {

constexpr std::string_view wire_protocol = "sbx-wire";

bool wants_wire(const RequestHead& head)
{
    return head.fields[http::field::upgrade] == wire_protocol;
}

Error no_wire()
{
    return {Errc::invalid_argument, "this needs the headers Connection: Upgrade and Upgrade: sbx-wire"};
}

asio::awaitable<Result<std::unique_ptr<Channel>>> switch_to_wire(Exchange& exchange)
{
    std::string protocol(wire_protocol);
    Headers none;
    co_return co_await exchange.switch_protocols(std::move(protocol), std::move(none));
}

/// What concerns nobody but this host stays here.
nlohmann::json without_secrets(SandboxRecord record, const Caller& caller)
{
    if (record.owner != caller.key) record.environment.clear();
    record.token.clear();
    record.endpoint.clear();
    record.docker_host.clear();
    record.docker_context.clear();
    record.owner.clear();
    record.permit.clear();
    return record;
}

class ClientRoutes {
   public:
    explicit ClientRoutes(Services& services) : services_(services) {}

    asio::awaitable<Result<ClientRecords>> list(Call& call, Nothing /*request*/) const;
    asio::awaitable<void> wire(Call& call, ClientId request) const;
    asio::awaitable<Result<Nothing>> forget(Call& call, ClientId request) const;
    asio::awaitable<Result<ClientRunViews>> runs(Call& call, Nothing /*request*/) const;
    asio::awaitable<void> run(Call& call, LendOrder order) const;
    asio::awaitable<Result<ClientEnding>> ending(Call& call, ClientId request) const;

   private:
    asio::awaitable<void> refuse(Call& call, Error error) const;
    asio::awaitable<Result<Lent>> lend(Call& call, LendOrder order) const;

    Services& services_;
    NativeErrors errors_;
};

asio::awaitable<void> ClientRoutes::refuse(Call& call, Error error) const
{
    Response refused = errors_.answer(error, call.exchange.head().id);
    co_await call.exchange.respond(std::move(refused));
}

asio::awaitable<Result<ClientRecords>> ClientRoutes::list(Call& call, Nothing /*request*/) const
{
    ClientRecords all;
    for (const SandboxRecord& record : services_.sandboxes.records(call.caller)) {
        const auto living = services_.sandboxes.find_any(record.id, call.caller);
        if (living && services_.sandboxes.is_paused(**living)) all.paused.push_back(record.id);
        all.sandboxes.push_back(without_secrets(living ? (*living)->now() : record, call.caller));
    }
    co_return all;
}

asio::awaitable<void> ClientRoutes::wire(Call& call, ClientId request) const
{
    const auto living = services_.sandboxes.find(request.id, call.caller);
    std::optional<Error> failure;
    if (!wants_wire(call.exchange.head()))
        failure = no_wire();
    else if (!living)
        failure = living.error();
    if (failure) {
        co_await refuse(call, *failure);
        co_return;
    }
    Result<std::unique_ptr<Channel>> channel = co_await switch_to_wire(call.exchange);
    if (channel) Sandboxes::admit(**living, std::move(*channel));
}

asio::awaitable<Result<Nothing>> ClientRoutes::forget(Call& call, ClientId request) const
{
    const auto living = services_.sandboxes.find_any(request.id, call.caller);
    Result<void> removed = {};
    if (living) removed = co_await services_.sandboxes.remove(*living);
    if (!removed) co_return removed.error();
    const Result<void> forgotten = services_.sandboxes.forget(request.id, call.caller);
    if (!forgotten) co_return forgotten.error();
    co_return Nothing();
}

asio::awaitable<Result<ClientRunViews>> ClientRoutes::runs(Call& call, Nothing /*request*/) const
{
    ClientRunViews all;
    for (const auto& [id, task] : services_.executions.all())
        if (call.caller.owns(task->caller.key) && !task->image.empty())
            all.runs.push_back({id, task->image, task->created.count()});
    for (const Lending::Loan& loan : services_.lending.loans())
        if (call.caller.owns(loan.owner) && !loan.ending)
            all.runs.push_back({loan.id, loan.image, loan.created.count()});
    co_return all;
}

asio::awaitable<void> ClientRoutes::run(Call& call, LendOrder order) const
{
    if (!wants_wire(call.exchange.head())) {
        co_await refuse(call, no_wire());
        co_return;
    }
    Result<Lent> lent = co_await lend(call, std::move(order));
    if (!lent) {
        co_await refuse(call, lent.error());
        co_return;
    }
    nlohmann::ordered_json given;
    given["id"] = lent->id;
    given["image"] = lent->image.reference;
    given["image_digest"] = lent->image.info.id;
    given["architecture"] = lent->image.info.architecture;
    given["pooled"] = lent->pooled;
    given["env"] = nlohmann::ordered_json::object();
    for (const auto& [name, value] : lent->environment) given["env"][name] = value;
    const std::string head = dump(given) + "\n";
    Result<std::unique_ptr<Channel>> channel = co_await switch_to_wire(call.exchange);
    std::unique_ptr<Channel> client;
    if (channel) client = std::move(*channel);
    Result<void> said = {};
    if (client) said = co_await client->write(head);
    if (!said) client.reset();
    co_await services_.lending.carry(std::move(*lent), std::move(client));
}

/// A client that goes away leaves the queue, and what is being started for it is removed.
asio::awaitable<Result<Lent>> ClientRoutes::lend(Call& call, LendOrder order) const
{
    std::optional<Result<Lent>> lent;
    asio::cancellation_signal leave;
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const auto work = [&]() -> asio::awaitable<void> {
        auto lending = services_.lending.lend(std::move(order), call.caller);
        try {
            lent.emplace(co_await asio::co_spawn(executor, std::move(lending),
                                                 asio::bind_cancellation_slot(leave.slot(), asio::use_awaitable)));
        } catch (const boost::system::system_error& thrown) {
            if (thrown.code() != asio::error::operation_aborted) throw;
        }
    };
    std::function<void()> stop = [&] { leave.emit(asio::cancellation_type::terminal); };
    co_await attend(call.exchange, work(), std::move(stop));
    if (!lent) co_return Error(Errc::cancelled, "the client has gone");
    co_return std::move(*lent);
}

asio::awaitable<Result<ClientEnding>> ClientRoutes::ending(Call& call, ClientId request) const
{
    const Result<Ending> known = co_await services_.lending.ending(std::move(request.id), call.caller);
    if (!known) co_return known.error();
    co_return ClientEnding{known->exit_code, known->oom, known->killed, known->last_words};
}

}  // namespace

void add_client_routes(Routes& routes, Services& services)
{
    const auto subject = std::make_shared<ClientRoutes>(services);
    routes.add<Nothing, ClientRecords>(
        http::verb::get, "/v1/client/sandboxes",
        {.summary = "The records of sandboxes, those that have ended too", .tag = "command line"},
        [subject](Call& call, Nothing request) { return subject->list(call, request); });
    routes.add_raw<ClientId>(
        http::verb::get, "/v1/client/sandboxes/{id}/wire",
        {.summary = "Speak to a sandbox's agent",
         .tag = "command line",
         .description = "With `Upgrade: sbx-wire` the connection carries the wire from then on.",
         .errors = {Errc::not_found, Errc::conflict},
         .status = 101,
         .produces = ""},
        [subject](Call& call, ClientId request) { return subject->wire(call, std::move(request)); });
    routes.add<ClientId, Nothing>(
        http::verb::delete_, "/v1/client/sandboxes/{id}",
        {.summary = "End a sandbox, and forget it",
         .tag = "command line",
         .errors = {Errc::not_found},
         .status = 204,
         .produces = ""},
        [subject](Call& call, ClientId request) { return subject->forget(call, std::move(request)); });
    routes.add<Nothing, ClientRunViews>(
        http::verb::get, "/v1/client/runs", {.summary = "One-off runs that are under way", .tag = "command line"},
        [subject](Call& call, Nothing request) { return subject->runs(call, request); });
    routes.add_raw<LendOrder>(
        http::verb::post, "/v1/client/runs",
        {.summary = "Borrow a single-use sandbox",
         .tag = "command line",
         .description = "With `Upgrade: sbx-wire` the connection carries one line of JSON (`id`, `image`, "
                        "`image_digest`, `architecture`, `pooled`, `env`), then the wire. The sandbox ends with it.",
         .errors = {Errc::resource_exhausted, Errc::unavailable, Errc::image_unavailable},
         .status = 101,
         .produces = ""},
        [subject](Call& call, LendOrder order) { return subject->run(call, std::move(order)); });
    routes.add<ClientId, ClientEnding>(
        http::verb::get, "/v1/client/runs/{id}",
        {.summary = "How a borrowed sandbox ended", .tag = "command line", .errors = {Errc::not_found}},
        [subject](Call& call, ClientId request) { return subject->ending(call, std::move(request)); });
}

}  // namespace sbx::daemon::native
