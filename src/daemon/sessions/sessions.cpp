#include "daemon/sessions/sessions.hpp"

#include "core/uuid.hpp"
#include "daemon/sessions/session_script.hpp"

#include <array>

namespace sbx::daemon {
namespace {

/// A session of either is known in both.
constexpr std::array<std::string_view, 2> session_dialects{"proxy", "app"};

constexpr const char* language_label = "lang";
constexpr const char* template_label = "keep_template";

}  // namespace

asio::awaitable<Result<std::string>> Sessions::create(SessionOrder order, Caller caller, std::string dialect)
{
    const Result<const Language*> language = find_language(order.language);
    if (!language) co_return Error(Errc::invalid_argument, language.error().message, language.error().hint);
    SandboxOrder wanted;
    wanted.name = new_uuid();
    wanted.language = (*language)->name;
    wanted.labels[language_label] = (*language)->name;
    wanted.labels[template_label] = order.keep_template ? "true" : "false";
    wanted.environment["SBX_KERNEL_IPYTHON"] = "0";  // scripts run in it, not cells
    wanted.limits.wall_ms = bounds_.execution;
    wanted.life = bounds_.life;
    wanted.idle = bounds_.idle;
    wanted.grows = true;
    const auto living = co_await services_.sandboxes.create(std::move(wanted), std::move(caller), std::move(dialect));
    if (!living) co_return living.error();
    co_return (*living)->record.name;
}

Result<std::vector<std::string>> Sessions::list(const Caller& caller) const
{
    if (const auto known = services_.sandboxes.are_known(); !known) return known.error();
    std::vector<std::string> ids;
    for (const auto& living : services_.sandboxes.list(caller, session_dialects)) ids.push_back(living->record.name);
    return ids;
}

Result<std::shared_ptr<Living>> Sessions::find(const std::string& id, const Caller& caller) const
{
    if (!is_uuid(id)) return no_such_session();
    auto living = services_.sandboxes.find_named(id, session_dialects, caller);
    if (!living && living.error().code == Errc::not_found) return no_such_session();
    return living;
}

asio::awaitable<Result<void>> Sessions::close(std::string id, Caller caller)
{
    const auto living = find(id, caller);
    if (!living) co_return living.error();
    const Result<void> removed = co_await services_.sandboxes.remove(*living);
    if (!removed && removed.error().code == Errc::not_found) co_return no_such_session();
    co_return removed;
}

asio::awaitable<Result<ScriptEnd>> Sessions::execute(Exchange& exchange, std::string id, ScriptOrder order,
                                                     Caller caller)
{
    const auto living = find(id, caller);
    if (!living) co_return living.error();
    if (services_.sandboxes.is_paused(**living)) co_return Error(Errc::conflict, "Session is paused");
    const auto& labels = (*living)->record.labels;
    const auto label = labels.find(language_label);
    const auto language = find_language(label == labels.end() ? std::string_view() : label->second);
    if (!language) co_return no_such_session();
    const bool names_some = !order.libraries.empty();
    if (names_some) {
        const Result<void> added =
            co_await services_.libraries.add(exchange, *living, **language, std::move(order.libraries));
        if (!added) co_return added.error();
    }
    SessionScript script;
    script.libraries = libraries_of(services_.sandboxes, **living);
    script.names_some = names_some;
    script.living = *living;
    script.language = *language;
    script.code = std::move(order.code);
    script.compile_timeout = services_.settings.compile_timeout;
    script.caller = std::move(caller);
    co_return co_await run_script(exchange, services_.sandboxes, services_.metrics, std::move(script));
}

}  // namespace sbx::daemon
