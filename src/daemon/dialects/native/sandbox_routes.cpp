#include "daemon/dialects/native/native.hpp"
#include "daemon/dialects/native/sandbox_request.hpp"
#include "daemon/dialects/native/times.hpp"

#include "core/sandbox/measurement.hpp"
#include "daemon/api/conditional.hpp"
#include "daemon/idempotency/idempotent_endpoint.hpp"
#include "daemon/sandboxes/storage_check.hpp"

#include <array>

namespace sbx::daemon::native {
// Types that requests and answers are made of: they have names for templates of other files.

struct CreateSandbox {
    std::string name;
    std::string template_;
    std::optional<std::string> language;
    std::optional<std::string> image;
    std::vector<std::string> libraries;
    std::map<std::string, Content> files;
    std::map<std::string, std::string> env;
    std::optional<std::vector<std::string>> allow;
    std::map<std::string, std::string> labels;
    LimitsWish limits;
    std::optional<std::chrono::milliseconds> ttl_ms;
    std::optional<std::chrono::milliseconds> idle_ms;
    std::string directory;
    std::optional<bool> full_network;
};
BOOST_DESCRIBE_STRUCT(CreateSandbox, (),
                      (name, template_, language, image, libraries, files, env, allow, labels, limits, ttl_ms, idle_ms,
                       directory, full_network))

constexpr auto fields_of(const CreateSandbox* /*type*/)
{
    return std::to_array<Field>({
        {.name = "name", .description = "To call it by", .max_length = 64},
        {.name = "template",
         .description = "What is not said here is as in this template: one that GET /v1/templates shows",
         .max_length = 64},
        {.name = "language", .description = "Whose image it gets (python)", .max_length = 32, .example = R"("python")"},
        {.name = "image", .description = "Instead of the language's: one that GET /v1/images shows"},
        {.name = "libraries", .description = "To be there", .max_length = 100},
        {.name = "files", .description = "Files by their path, below /work or /tmp"},
        {.name = "env", .description = "Variables of all its programs"},
        {.name = "allow", .description = "Where its programs may connect to: HOST or HOST:PORT", .max_length = 128},
        {.name = "labels", .description = "For whoever lists it"},
        {.name = "limits", .description = "Instead of the daemon's own; wall_ms bounds each execution"},
        {.name = "ttl_ms", .description = "It ends after so long (an hour)", .minimum = 1000},
        {.name = "idle_ms", .description = "It ends when nobody used it for so long (ten minutes)", .minimum = 1},
        {.name = "directory", .description = "Where its programs start (/work)"},
        {.name = "full_network", .description = "The operator's alone"},
    });
}

struct ExtendRequest {
    std::string id;
    std::chrono::milliseconds ttl_ms{0};
};
BOOST_DESCRIBE_STRUCT(ExtendRequest, (), (id, ttl_ms))

constexpr auto fields_of(const ExtendRequest* /*type*/)
{
    return std::to_array<Field>({
        {.name = "ttl_ms", .description = "It ends after so long from now", .required = true, .minimum = 1},
    });
}

/// A sandbox as callers see it.
struct SandboxView {
    std::string id;
    std::optional<std::string> name;
    std::string state;  ///< running, paused
    std::string image;
    std::string dialect;
    std::map<std::string, std::string> labels;
    std::vector<std::string> allow;
    Limits limits;
    std::string created;
    std::string expires;
    std::optional<std::chrono::milliseconds> idle_ms;
};
BOOST_DESCRIBE_STRUCT(SandboxView, (),
                      (id, name, state, image, dialect, labels, allow, limits, created, expires, idle_ms))

struct SandboxList {
    std::vector<SandboxView> sandboxes;
};
BOOST_DESCRIBE_STRUCT(SandboxList, (), (sandboxes))

/// What a sandbox uses at this moment, by its agent's account.
struct SandboxStats {
    std::uint64_t cpu_ms = 0;
    std::uint64_t memory_bytes = 0;
    std::uint64_t memory_peak_bytes = 0;
    std::uint64_t pids = 0;
    std::uint64_t work_bytes = 0;
};
BOOST_DESCRIBE_STRUCT(SandboxStats, (), (cpu_ms, memory_bytes, memory_peak_bytes, pids, work_bytes))

namespace {

SandboxView view_of(const Sandboxes& sandboxes, const Living& living)
{
    const SandboxRecord& record = living.now();
    SandboxView view;
    view.id = record.id;
    if (!record.name.empty()) view.name = record.name;
    view.state = sandboxes.is_paused(living) ? "paused" : "running";
    view.image = record.image_name;
    view.dialect = record.dialect;
    view.labels = record.labels;
    view.allow = record.allow;
    view.limits = record.limits;
    view.created = time_text(record.created);
    view.expires = time_text(record.deadline);
    view.idle_ms = record.idle;
    return view;
}

/// Sandboxes over HTTP.
class SandboxRoutes {
   public:
    explicit SandboxRoutes(Services& services) : services_(services) {}

    asio::awaitable<Result<SandboxView>> create(Call& call, CreateSandbox request) const
    {
        SandboxOrder order;
        order.name = std::move(request.name);
        order.language = request.language.value_or("");
        order.image = std::move(request.image);
        order.libraries = std::move(request.libraries);
        order.files = std::move(request.files);
        order.environment = std::move(request.env);
        order.allow = request.allow.value_or(std::vector<std::string>());
        order.labels = std::move(request.labels);
        order.limits = request.limits;
        order.life = request.ttl_ms;
        order.idle = request.idle_ms;
        order.directory = std::move(request.directory);
        order.full_network = request.full_network.value_or(false);
        if (!request.template_.empty()) {
            const Result<Template> from = co_await services_.templates.find(request.template_);
            if (!from) co_return from.error();
            apply(*from, order, request.allow || request.full_network);
        }
        auto living = co_await services_.sandboxes.create(std::move(order), call.caller, "native");
        if (!living) co_return living.error();
        call.headers.emplace_back("Location", "/v1/sandboxes/" + (*living)->record.id);
        co_return view_of(services_.sandboxes, **living);
    }

    /// What `get` would give its answer.
    asio::awaitable<Result<std::optional<std::string>>> current_tag(Call& call, std::string id) const
    {
        const auto living = services_.sandboxes.find_any(id, call.caller);
        if (!living) co_return living.error();
        co_return std::optional(entity_tag_of(dump(json_of(view_of(services_.sandboxes, **living)))));
    }

    asio::awaitable<Result<SandboxList>> list(Call& call, Nothing /*request*/) const
    {
        if (const auto known = services_.sandboxes.are_known(); !known) co_return known.error();
        SandboxList list;
        for (const auto& living : services_.sandboxes.list(call.caller))
            list.sandboxes.push_back(view_of(services_.sandboxes, *living));
        co_return list;
    }

    asio::awaitable<Result<SandboxView>> get(Call& call, SandboxRequest request) const
    {
        const auto living = services_.sandboxes.find_any(request.id, call.caller);
        if (living) co_return view_of(services_.sandboxes, **living);
        co_return co_await why_gone(call, std::move(request.id), living.error());
    }

    asio::awaitable<Result<Nothing>> remove(Call& call, SandboxRequest request) const
    {
        const auto living = services_.sandboxes.find_any(request.id, call.caller);
        if (!living) co_return co_await why_gone(call, std::move(request.id), living.error());
        const Result<void> removed = co_await services_.sandboxes.remove(*living);
        if (!removed) co_return removed.error();
        co_return Nothing();
    }

    asio::awaitable<Result<SandboxView>> extend(Call& call, ExtendRequest request) const
    {
        const auto living = services_.sandboxes.find(request.id, call.caller);
        if (!living) co_return co_await why_gone(call, std::move(request.id), living.error());
        const Result<void> extended = co_await services_.sandboxes.extend(*living, request.ttl_ms);
        if (!extended) co_return extended.error();
        co_return view_of(services_.sandboxes, **living);
    }

    asio::awaitable<Result<SandboxView>> pause(Call& call, SandboxRequest request) const
    {
        const auto living = services_.sandboxes.find(request.id, call.caller);
        if (!living) co_return co_await why_gone(call, std::move(request.id), living.error());
        const Result<void> paused = co_await services_.sandboxes.pause(*living);
        if (!paused) co_return paused.error();
        co_return view_of(services_.sandboxes, **living);
    }

    asio::awaitable<Result<SandboxView>> resume(Call& call, SandboxRequest request) const
    {
        const auto living = services_.sandboxes.find_any(request.id, call.caller);
        if (!living) co_return co_await why_gone(call, std::move(request.id), living.error());
        if (!services_.sandboxes.is_paused(**living)) co_return Error(Errc::conflict, "the sandbox is not paused");
        const Result<void> resumed = co_await services_.sandboxes.resume(*living);
        if (!resumed) co_return resumed.error();
        co_return view_of(services_.sandboxes, **living);
    }

    asio::awaitable<Result<SandboxStats>> stats(Call& call, SandboxRequest request) const
    {
        const auto living = services_.sandboxes.find(request.id, call.caller);
        if (!living) co_return co_await why_gone(call, std::move(request.id), living.error());
        std::function<asio::awaitable<Result<wire::Measured>>(AgentLink&)> work = [](AgentLink& link) {
            return measure(link);
        };
        const Result<wire::Measured> measured = co_await Sandboxes::talk<wire::Measured>(*living, std::move(work));
        if (!measured) co_return measured.error();
        SandboxStats stats;
        stats.cpu_ms = measured->cpu_us / 1000;
        stats.memory_bytes = measured->memory_bytes;
        stats.memory_peak_bytes = measured->memory_peak_bytes;
        stats.pids = measured->processes;
        stats.work_bytes = measured->work_bytes;
        co_return stats;
    }

   private:
    /// The cause, where the caller had such a sandbox.
    asio::awaitable<Error> why_gone(Call& call, std::string id, Error otherwise) const
    {
        if (otherwise.code != Errc::not_found) co_return otherwise;
        std::optional<std::string> owner;
        if (!call.caller.is_operator) owner = call.caller.key;
        const Result<Tombstone> stone = co_await services_.store.find_tombstone(id, std::move(owner));
        if (!stone) co_return otherwise;
        co_return Error(Errc::not_found,
                        fmt::format("the sandbox has ended ({})", boost::describe::enum_to_string(stone->cause, "?")));
    }

    Services& services_;
};

template <class Request, class Answer>
Route& add(Routes& routes, http::verb method, std::string pattern, RouteText text,
           const std::shared_ptr<SandboxRoutes>& subject,
           asio::awaitable<Result<Answer>> (SandboxRoutes::*handler)(Call&, Request) const)
{
    text.tag = "sandboxes";
    return routes.add<Request, Answer>(
        method, std::move(pattern), std::move(text),
        [subject, handler](Call& call, Request request) { return ((*subject).*handler)(call, std::move(request)); });
}

}  // namespace

void add_sandbox_routes(Routes& routes, Services& services)
{
    const auto subject = std::make_shared<SandboxRoutes>(services);
    const std::string one = "/v1/sandboxes/{id}";
    const std::vector<Errc> errors{Errc::not_found, Errc::conflict};
    Conditions conditions;
    conditions.tag = [subject](Call& call, const nlohmann::json& parameters) {
        return subject->current_tag(call, parameters.at("id").get<std::string>());
    };
    conditions.name = [](const Call&, const nlohmann::json& parameters) { return parameters.at("id").dump(); };
    Route& create = add(routes, http::verb::post, "/v1/sandboxes",
                        {.summary = "Make a sandbox that stays",
                         .errors = {Errc::resource_exhausted, Errc::permission_denied, Errc::conflict,
                                    Errc::image_unavailable, Errc::unavailable, Errc::deadline_exceeded},
                         .status = 201},
                        subject, &SandboxRoutes::create);
    make_tagged(create);
    refuse_when_full(create, services.store);
    make_idempotent(create, services.idempotent);
    add(routes, http::verb::get, "/v1/sandboxes",
        {.summary = "List sandboxes, oldest first", .errors = {Errc::unavailable}}, subject, &SandboxRoutes::list);
    Route& get = add(routes, http::verb::get, one, {.summary = "Show one sandbox", .errors = {Errc::not_found}},
                     subject, &SandboxRoutes::get);
    make_tagged(get);
    Route& remove = add(routes, http::verb::delete_, one,
                        {.summary = "End a sandbox", .errors = {Errc::not_found}, .status = 204, .produces = ""},
                        subject, &SandboxRoutes::remove);
    make_conditional(remove, conditions);
    const auto change = [&](const char* action, const char* summary, auto handler) {
        Route& route =
            add(routes, http::verb::post, one + action, {.summary = summary, .errors = errors}, subject, handler);
        make_tagged(route);
        make_conditional(route, conditions);
    };
    change("/extend", "Let it live so long from now", &SandboxRoutes::extend);
    change("/pause", "Let it stand still", &SandboxRoutes::pause);
    change("/resume", "Let it go on", &SandboxRoutes::resume);
    add(routes, http::verb::get, one + "/stats", {.summary = "Show what it uses", .errors = errors}, subject,
        &SandboxRoutes::stats);
}

}  // namespace sbx::daemon::native
