#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/shared_flags.hpp"
#include "cli/with_engine.hpp"
#include "core/sandbox/agent_volume.hpp"
#include "core/sandbox/sweep.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace sbx::cli {
namespace {

using nlohmann::ordered_json;

struct Options {
    bool all = false;
    bool dry_run = false;
    bool quiet = false;
};

/// One thing to remove, or removed.
struct Item {
    std::string kind;  ///< "sandbox" or "volume"
    std::string name;
    std::string cause;
};

bool is_current(const VolumeInfo& volume)
{
    constexpr std::array architectures{"amd64", "arm64"};
    return std::ranges::any_of(architectures, [&](const char* architecture) {
        const wire::AgentImage* agent = wire::agent_image(architecture);
        return agent && agent_volume_name(*agent) == volume.name;
    });
}

asio::awaitable<Result<std::vector<Item>>> find_items(Engine& engine, bool all)
{
    std::vector<Item> items;
    const Result<std::vector<SandboxInfo>> sandboxes = co_await engine.list(sandbox_label);
    if (!sandboxes) co_return sandboxes.error();
    for (const Orphan& orphan : find_orphans(*sandboxes, std::chrono::system_clock::now()))
        items.push_back({"sandbox", orphan.id, orphan.cause});
    for (const SandboxInfo& sandbox : *sandboxes) {
        const bool named = std::ranges::find(items, sandbox.id, &Item::name) != items.end();
        if (all && !named) items.push_back({"sandbox", sandbox.id, sandbox.state});
    }
    const Result<std::vector<VolumeInfo>> volumes = co_await engine.volumes(agent_label);
    if (!volumes) co_return volumes.error();
    for (const VolumeInfo& volume : *volumes)
        if (all || !is_current(volume))
            items.push_back({"volume", volume.name, is_current(volume) ? "agent" : "old agent"});
    co_return items;
}

/// @return those that are gone; a volume that a running sandbox still uses stays
asio::awaitable<Result<std::vector<Item>>> remove_items(Engine& engine, std::vector<Item> items)
{
    std::vector<Item> removed;
    for (const Item& item : items) {
        const bool is_volume = item.kind == "volume";
        auto removal = is_volume ? engine.remove_volume(item.name) : engine.remove(item.name);
        const Result<void> gone = co_await std::move(removal);
        if (gone)
            removed.push_back(item);
        else if (!is_volume || gone.error().code != Errc::conflict)
            co_return gone.error();
    }
    co_return removed;
}

void print_items(const std::vector<Item>& items, const Options& options, Context& context)
{
    ordered_json all = ordered_json::array();
    for (const Item& item : items) {
        all.push_back({{"kind", item.kind}, {"name", item.name}, {"cause", item.cause}, {"removed", !options.dry_run}});
        if (context.json) continue;
        context.print(options.quiet ? item.name + "\n" : fmt::format("{} {}: {}\n", item.kind, item.name, item.cause));
    }
    if (context.json) context.print_json(all);
}

/// Whether to go on. What is swept by default has no owner, so a script needs no answer for it.
Result<bool> agreed(const std::vector<Item>& items, const Options& options, Context& context)
{
    if (items.empty() || context.assume_yes || (!options.all && !context.can_ask())) return true;
    for (const Item& item : items) context.say(fmt::format("{} {}: {}", item.kind, item.name, item.cause));
    return context.confirm(fmt::format("Remove {} of them?", items.size()));
}

void prune(const Options& options, Context& context)
{
    const Result<Configuration> configuration = context.configuration();
    if (!configuration) return context.report(configuration.error());
    const auto find = [&](const OpenEngine& open) { return find_items(*open.engine, options.all); };
    const Result<std::vector<Item>> found = with_engine(context, configuration->settings, find);
    if (!found) return context.report(found.error());
    if (options.dry_run) return print_items(*found, options, context);
    const Result<bool> go_on = agreed(*found, options, context);
    if (!go_on) return context.report(go_on.error());
    if (!*go_on) return;
    const auto remove = [&](const OpenEngine& open) { return remove_items(*open.engine, *found); };
    const Result<std::vector<Item>> removed = with_engine(context, configuration->settings, remove);
    if (!removed) return context.report(removed.error());
    print_items(*removed, options, context);
}

}  // namespace

void build_prune_command(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<Options>();
    command.add_flag("-a,--all", options->all, "Running sandboxes and the current agent's volume too");
    command.add_flag("--dry-run", options->dry_run, "Name what would be removed, and leave it");
    add_quiet_flag(command, options->quiet, "ids and names");
    add_json_flag(command, context);
    add_yes_flags(command, context);
    add_config_flag(command, context);
    set_examples(command, context,
                 {{"prune", "remove what a lost run left behind, and old agents"},
                  {"prune --dry-run --json", "only name it"},
                  {"prune --all --yes", "leave nothing of sbx on the engine but images"}});
    command.callback([options, &context] { prune(*options, context); });
}

}  // namespace sbx::cli
