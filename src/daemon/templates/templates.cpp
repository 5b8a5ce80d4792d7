#include "daemon/templates/templates.hpp"

#include "core/config/settings.hpp"
#include "core/on_thread.hpp"

#include <fmt/format.h>

namespace sbx::daemon {
namespace {

/// What code and sandboxes have in common.
template <class Order>
Template said_by(Order& order, bool says_network)
{
    Template said;
    said.language = std::move(order.language);
    said.image = order.image.value_or("");
    said.directory = std::move(order.directory);
    if (says_network) said.network = "allow";
    said.allow = std::move(order.allow);
    said.libraries = std::move(order.libraries);
    said.variables.assign(order.environment.begin(), order.environment.end());
    said.labels = std::move(order.labels);
    return said;
}

template <class Order>
void complete(const Template& from, Order& order, bool says_network)
{
    Template whole = completed(said_by(order, says_network), from);
    order.language = std::move(whole.language);
    if (!order.image && !whole.image.empty()) order.granted.image = std::move(whole.image);
    order.directory = std::move(whole.directory);
    order.allow = std::move(whole.allow);
    order.granted.full_network = whole.network == "full";
    order.libraries = std::move(whole.libraries);
    order.environment = {whole.variables.begin(), whole.variables.end()};
    order.labels = std::move(whole.labels);
    order.granted.settings = std::move(whole.settings);
    order.granted.preload = std::move(whole.preload);
    order.granted.start = std::move(whole.start);
}

}  // namespace

asio::awaitable<Result<std::vector<NamedTemplate>>> Templates::list()
{
    auto read = [this]() -> Result<std::vector<NamedTemplate>> {
        std::vector<NamedTemplate> all;
        for (const std::string& name : all_template_names(folders_))
            all.push_back({name, find_template(name, folders_)});
        return all;
    };
    Result<std::vector<NamedTemplate>> all = co_await run_on(thread_, std::move(read));
    if (!all) co_return all;
    for (NamedTemplate& each : *all) each.found = checked(each.name, std::move(each.found));
    co_return all;
}

asio::awaitable<Result<Template>> Templates::find(std::string name)
{
    auto read = [this, name] { return find_template(name, folders_); };
    Result<Template> found = co_await run_on(thread_, std::move(read));
    co_return checked(name, std::move(found));
}

Result<Template> Templates::checked(const std::string& name, Result<Template> found) const
{
    if (found || found.error().code == Errc::not_found) return found;
    log_.write(LogLevel::error, "template_broken", {{"template", name}, {"why", found.error().message}});
    return Error(Errc::unavailable, fmt::format("the template {} is broken", name), "the daemon's log says why");
}

void apply(const Template& from, CodeOrder& order, bool says_network)
{
    complete(from, order, says_network);
}

void apply(const Template& from, SandboxOrder& order, bool says_network)
{
    complete(from, order, says_network);
}

LimitsWish limits_of(const Template& from)
{
    Settings settings;
    for (const auto& [key, text] : from.settings) (void)set(settings, key, key, text);  // it was read, so it is sound
    const Limits& limits = settings.limits;
    const auto says = [&](const char* key) { return from.settings.contains(key); };
    LimitsWish said;
    if (says("limits.timeout")) said.wall_ms = limits.wall_ms;
    if (says("limits.cpu_time")) said.cpu_ms = limits.cpu_ms;
    if (says("limits.memory")) said.memory_bytes = limits.memory_bytes;
    if (says("limits.disk")) said.disk_bytes = limits.disk_bytes;
    if (says("limits.max_output")) said.output_bytes = limits.output_bytes;
    if (says("limits.cpus")) said.millicpus = limits.millicpus;
    if (says("limits.pids")) said.pids = limits.pids;
    return said;
}

}  // namespace sbx::daemon
