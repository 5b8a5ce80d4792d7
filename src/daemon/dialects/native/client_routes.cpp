// What `sbx --host` uses: it moves programs itself, over the wire (docs/wire.md), as it does on its own machine.
#include "core/sandbox/sandbox_record.hpp"
#include "daemon/api/request_json.hpp"
#include "daemon/dialects/native/native.hpp"

#include <array>

namespace sbx::daemon::native {

// Types that requests and answers are made of: they have names for templates of other files.

struct ClientRun {
    std::string language = "python";
    std::optional<std::string> image;
    std::vector<std::string> libraries;
    std::vector<std::string> preload;
    std::map<std::string, std::string> labels;
    LimitsWish limits;
    bool no_time_limit = false;
    bool full_network = false;
    bool pooled = true;
    bool patient = true;
};
BOOST_DESCRIBE_STRUCT(ClientRun, (),
                      (language, image, libraries, preload, labels, limits, no_time_limit, full_network, pooled,
                       patient))

constexpr auto fields_of(const ClientRun* /*type*/)
{
    return std::to_array<Field>({
        {.name = "language", .description = "Whose image it is", .max_length = 32, .example = R"("python")"},
        {.name = "image", .description = "Instead of the language's: one that GET /v1/images shows"},
        {.name = "libraries", .description = "To be there", .max_length = 100},
        {.name = "preload", .description = "Modules that a waiting interpreter has imported", .max_length = 100},
        {.name = "labels", .description = "Of the sandbox"},
        {.name = "limits", .description = "Those of the sandbox; the others are the client's to keep"},
        {.name = "no_time_limit", .description = "The operator's alone"},
        {.name = "full_network", .description = "The operator's alone"},
        {.name = "pooled", .description = "Whether one that waits will do"},
        {.name = "patient", .description = "Whether to wait for a turn; else it is refused with 429"},
    });
}

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
    asio::awaitable<void> run(Call& call, ClientRun request) const;
    asio::awaitable<Result<ClientEnding>> ending(Call& call, ClientId request) const;

   private:
    asio::awaitable<void> refuse(Call& call, Error error) const;

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
    services_.sandboxes.forget(request.id, call.caller);
    co_return Nothing();
}

asio::awaitable<void> ClientRoutes::run(Call& call, ClientRun request) const
{
    if (!wants_wire(call.exchange.head())) {
        co_await refuse(call, no_wire());
        co_return;
    }
    LendOrder order;
    order.language = std::move(request.language);
    order.image = std::move(request.image);
    order.libraries = std::move(request.libraries);
    order.preload = std::move(request.preload);
    order.labels = std::move(request.labels);
    order.limits = request.limits;
    order.no_time_limit = request.no_time_limit;
    order.full_network = request.full_network;
    order.pooled = request.pooled;
    order.patient = request.patient;
    Result<Lent> lent = co_await services_.lending.lend(std::move(order), call.caller);
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
        {.summary = "End a sandbox, and forget it", .tag = "command line", .status = 204, .produces = ""},
        [subject](Call& call, ClientId request) { return subject->forget(call, std::move(request)); });
    routes.add_raw<ClientRun>(
        http::verb::post, "/v1/client/runs",
        {.summary = "Borrow a single-use sandbox",
         .tag = "command line",
         .description = "With `Upgrade: sbx-wire` the connection carries one line of JSON (`id`, `image`, "
                        "`image_digest`, `architecture`, `pooled`, `env`), then the wire. The sandbox ends with it.",
         .errors = {Errc::resource_exhausted, Errc::unavailable, Errc::image_unavailable},
         .status = 101,
         .produces = ""},
        [subject](Call& call, ClientRun request) { return subject->run(call, std::move(request)); });
    routes.add<ClientId, ClientEnding>(
        http::verb::get, "/v1/client/runs/{id}",
        {.summary = "How a borrowed sandbox ended", .tag = "command line", .errors = {Errc::not_found}},
        [subject](Call& call, ClientId request) { return subject->ending(call, std::move(request)); });
}

}  // namespace sbx::daemon::native
