#include "daemon/dialects/colima/colima.hpp"
#include "daemon/dialects/colima/request_types.hpp"
#include "daemon/sandboxes/storage_check.hpp"

#include <fmt/format.h>

#include <array>

namespace sbx::daemon::colima {
// Types that requests and answers are made of: they have names for templates of other files.

struct NewColimaSandbox {
    std::string template_ = "python";
    std::int64_t timeout = 300;
    Variables envs;
    Metadata metadata;
};
BOOST_DESCRIBE_STRUCT(NewColimaSandbox, (), (template_, timeout, envs, metadata))

constexpr auto fields_of(const NewColimaSandbox* /*type*/)
{
    return std::to_array<Field>({
        {.name = "template",
         .description = "A language, `node`, `base`, or a template of the operator's",
         .max_length = 64,
         .example = R"("python")"},
        {.name = "timeout", .description = "It ends after so many seconds", .minimum = 1, .maximum = 86'400},
        {.name = "envs", .description = "Of all its commands"},
        {.name = "metadata", .description = "Any texts: they are told with it"},
    });
}

struct NamedColimaSandbox {
    std::string sandbox_id;
};
BOOST_DESCRIBE_STRUCT(NamedColimaSandbox, (), (sandbox_id))

struct ColimaTimeout {
    std::string sandbox_id;
    std::int64_t timeout = 0;
};
BOOST_DESCRIBE_STRUCT(ColimaTimeout, (), (sandbox_id, timeout))

constexpr auto fields_of(const ColimaTimeout* /*type*/)
{
    return std::to_array<Field>({
        {.name = "timeout",
         .description = "It ends after so many seconds from now",
         .required = true,
         .minimum = 1,
         .maximum = 86'400,
         .example = "600"},
    });
}

struct ColimaSandbox {
    std::string sandbox_id;
    std::string template_id;
    std::string state;  ///< running, paused
    std::string started_at;
    std::map<std::string, std::string> metadata;
    std::string end_at;
};
BOOST_DESCRIBE_STRUCT(ColimaSandbox, (), (sandbox_id, template_id, state, started_at, metadata, end_at))

struct ColimaSandboxKilled {
    bool success = true;
    std::string sandbox_id;
    std::string status = "killed";
};
BOOST_DESCRIBE_STRUCT(ColimaSandboxKilled, (), (success, sandbox_id, status))

struct ColimaTimeoutSet {
    bool success = true;
    std::string sandbox_id;
    std::int64_t timeout = 0;
    std::string end_at;
};
BOOST_DESCRIBE_STRUCT(ColimaTimeoutSet, (), (success, sandbox_id, timeout, end_at))

namespace {

constexpr const char* template_label = "template";
constexpr auto longest_life = std::chrono::hours(24);

/// Sandboxes over HTTP.
class SandboxRoutes {
   public:
    explicit SandboxRoutes(const Services& services) : services_(services) {}

    asio::awaitable<Result<ColimaSandbox>> create(Call& call, NewColimaSandbox request) const
    {
        SandboxOrder order;
        order.name = new_sandbox_id();
        order.environment = std::move(request.envs.texts);
        order.metadata = std::move(request.metadata.texts);
        order.labels[template_label] = request.template_;
        const Result<void> known = co_await apply_template(std::move(request.template_), order);
        if (!known) co_return known.error();
        order.life = std::chrono::seconds(request.timeout);
        order.idle = longest_life;  // its time alone counts
        order.home = home;
        call.exchange.watch();
        const auto living = co_await services_.sandboxes.create(std::move(order), call.caller, "colima");
        if (!living) co_return living.error();
        if (call.exchange.is_gone()) {  // nobody will ever name it
            const Result<void> removed = co_await services_.sandboxes.remove(*living);
            co_return Error(Errc::cancelled, "the client has gone");
        }
        co_return view_of(**living);
    }

    asio::awaitable<Result<std::vector<ColimaSandbox>>> list(Call& call, Nothing /*request*/) const
    {
        constexpr std::array<std::string_view, 1> own{"colima"};
        if (const auto known = services_.sandboxes.are_known(); !known) co_return known.error();
        std::vector<ColimaSandbox> all;
        for (const auto& living : services_.sandboxes.list(call.caller, own)) all.push_back(view_of(*living));
        co_return all;
    }

    asio::awaitable<Result<ColimaSandbox>> get(Call& call, NamedColimaSandbox request) const
    {
        const auto living = find_sandbox(services_, request.sandbox_id, call.caller);
        if (!living) co_return living.error();
        co_return view_of(**living);
    }

    asio::awaitable<Result<ColimaSandboxKilled>> kill(Call& call, NamedColimaSandbox request) const
    {
        const auto living = find_sandbox(services_, request.sandbox_id, call.caller);
        if (!living) co_return living.error();
        const Result<void> removed = co_await services_.sandboxes.remove(*living);
        if (!removed && removed.error().code != Errc::not_found) co_return removed.error();
        ColimaSandboxKilled killed;
        killed.sandbox_id = std::move(request.sandbox_id);
        co_return killed;
    }

    asio::awaitable<Result<ColimaTimeoutSet>> set_timeout(Call& call, ColimaTimeout request) const
    {
        const auto living = find_running(services_, request.sandbox_id, call.caller);
        if (!living) co_return living.error();
        const auto age = record_time() - (*living)->record.created;
        if (age + std::chrono::seconds(request.timeout) > longest_life)
            co_return Error(Errc::invalid_argument, "timeout: no sandbox lives longer than a day");
        const Result<void> extended =
            co_await services_.sandboxes.extend(*living, std::chrono::seconds(request.timeout));
        if (!extended) co_return extended.error();
        ColimaTimeoutSet set;
        set.sandbox_id = std::move(request.sandbox_id);
        set.timeout = request.timeout;
        set.end_at = time_text((*living)->now().deadline);
        co_return set;
    }

   private:
    /// The operator's word counts before the languages' names.
    asio::awaitable<Result<void>> apply_template(std::string name, SandboxOrder& order) const
    {
        const Result<Template> from = co_await services_.templates.find(name);
        if (from) {
            apply(*from, order, false);
            co_return Result<void>();
        }
        if (from.error().code != Errc::not_found) co_return from.error();
        const auto language = find_language(name == "base" ? "bash" : name);
        if (!language) co_return Error(Errc::not_found, fmt::format("Template '{}' not found", name));
        order.language = (*language)->name;
        co_return Result<void>();
    }

    ColimaSandbox view_of(const Living& living) const
    {
        const SandboxRecord& record = living.now();
        ColimaSandbox view;
        view.sandbox_id = record.name;
        if (const auto at = record.labels.find(template_label); at != record.labels.end())
            view.template_id = at->second;
        view.state = services_.sandboxes.is_paused(living) ? "paused" : "running";
        view.started_at = time_text(record.created);
        view.metadata = record.metadata;
        view.end_at = time_text(record.deadline);
        return view;
    }

    Services services_;
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

void add_sandbox_routes(Routes& routes, const Services& services)
{
    const auto subject = std::make_shared<SandboxRoutes>(services);
    const std::string one = "/sandboxes/{sandbox_id}";
    Route& create =
        add(routes, http::verb::post, "/sandboxes/",
            {.summary = "Make a sandbox",
             .errors = {Errc::not_found, Errc::resource_exhausted, Errc::image_unavailable, Errc::unavailable}},
            subject, &SandboxRoutes::create);
    refuse_when_full(create, services.store);
    add(routes, http::verb::get, "/sandboxes/",
        {.summary = "List sandboxes, oldest first", .errors = {Errc::unavailable}}, subject, &SandboxRoutes::list);
    add(routes, http::verb::get, one, {.summary = "Show one sandbox", .errors = {Errc::not_found}}, subject,
        &SandboxRoutes::get);
    add(routes, http::verb::delete_, one, {.summary = "Kill a sandbox", .errors = {Errc::not_found}}, subject,
        &SandboxRoutes::kill);
    add(routes, http::verb::post, one + "/timeout",
        {.summary = "Let it live so long from now", .errors = {Errc::not_found, Errc::conflict}}, subject,
        &SandboxRoutes::set_timeout);
}

}  // namespace sbx::daemon::colima
