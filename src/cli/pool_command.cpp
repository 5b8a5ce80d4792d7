#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/pool_keep.hpp"
#include "cli/progress.hpp"
#include "cli/shared_flags.hpp"
#include "cli/standby_order.hpp"
#include "cli/table.hpp"
#include "cli/template_flag.hpp"
#include "cli/with_engine.hpp"
#include "core/sandbox/standby.hpp"

#include <nlohmann/json.hpp>

#include <unistd.h>

namespace sbx::cli {
namespace {

using nlohmann::ordered_json;

struct Options {
    StandbyFlags flags;
    bool drains = false;
    bool quiet = false;
};

StandbyStore store_of(const Context& context)
{
    return StandbyStore(directories(context.environment, ::getuid()).state);
}

ordered_json standby_json(const Standby& standby)
{
    const auto left =
        std::chrono::duration_cast<std::chrono::seconds>(standby.expires - std::chrono::system_clock::now());
    return {{"id", standby.id}, {"language", standby.description}, {"expires_in_s", left.count()}};
}

void print_all(const std::vector<Standby>& all, const Options& options, Context& context)
{
    ordered_json list = ordered_json::array();
    std::vector<std::vector<std::string>> rows{{"SANDBOX", "LANGUAGE", "ENDS IN"}};
    for (const Standby& standby : all) {
        const ordered_json entry = standby_json(standby);
        list.push_back(options.quiet ? entry["id"] : entry);
        if (options.quiet && !context.json) context.print(standby.id + "\n");
        rows.push_back(
            {standby.id.substr(0, 12), standby.description, fmt::format("{}s", entry["expires_in_s"].dump())});
    }
    if (context.json) return context.print_json(list);
    if (!options.quiet) context.print(format_table(rows));
}

void warm(const Options& options, Context& context)
{
    const Result<Configuration> configuration = context.configuration(options.flags.settings);
    if (!configuration) return context.report(configuration.error());
    const Result<StandbyOrder> order = read_standby_order(options.flags, configuration->settings, context.environment);
    if (!order) return context.report(order.error());
    const StandbyStore store = store_of(context);
    const std::filesystem::path cache = directories(context.environment, ::getuid()).cache;
    ProgressLine progress(context, options.quiet);
    const auto work = [&](const OpenEngine& open) {
        return choose_and_start(open, *order, progress.sink(), store, cache);
    };
    const Result<std::vector<Standby>> started = with_engine(context, configuration->settings, work);
    progress.clear();
    if (!started) return context.report(started.error());
    print_all(*started, options, context);
}

void keep(const Options& options, Context& context)
{
    const Result<Configuration> configuration = context.configuration(options.flags.settings);
    if (!configuration) return context.report(configuration.error());
    Result<StandbyOrder> order = read_standby_order(options.flags, configuration->settings, context.environment);
    if (!order) return context.report(order.error());
    PoolKeep(context, std::move(*order), store_of(context), options.drains).run(configuration->settings);
}

/// What is remembered, without those that the engine no longer has running.
asio::awaitable<Result<std::vector<Standby>>> living(const OpenEngine& open, const StandbyStore& store)
{
    const Result<std::vector<SandboxInfo>> sandboxes = co_await open.engine->list(standby_label);
    if (!sandboxes) co_return sandboxes.error();
    std::vector<Standby> all;
    for (const Standby& standby : store.list()) {
        const auto found = std::ranges::find(*sandboxes, standby.id, &SandboxInfo::id);
        if (found != sandboxes->end() && found->state == "running") all.push_back(standby);
    }
    co_return all;
}

void status(const Options& options, Context& context)
{
    const Result<Configuration> configuration = context.configuration();
    if (!configuration) return context.report(configuration.error());
    const StandbyStore store = store_of(context);
    const auto work = [&](const OpenEngine& open) { return living(open, store); };
    const Result<std::vector<Standby>> all = with_engine(context, configuration->settings, work);
    if (!all) return context.report(all.error());
    print_all(*all, options, context);
}

asio::awaitable<Result<std::vector<Standby>>> remove_all(const OpenEngine& open, const StandbyStore& store)
{
    std::vector<Standby> removed;
    for (const Standby& standby : store.list()) {
        if (!store.claim(standby)) continue;  // a run has it
        const Result<void> gone = co_await open.engine->remove(standby.id);
        if (!gone) co_return gone.error();
        removed.push_back(standby);
    }
    co_return removed;
}

void drain(const Options& options, Context& context)
{
    const Result<Configuration> configuration = context.configuration();
    if (!configuration) return context.report(configuration.error());
    const StandbyStore store = store_of(context);
    const auto work = [&](const OpenEngine& open) { return remove_all(open, store); };
    const Result<std::vector<Standby>> removed = with_engine(context, configuration->settings, work);
    if (!removed) return context.report(removed.error());
    print_all(*removed, options, context);
}

void add_warm(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<Options>();
    CLI::App* one = command.add_subcommand("warm", "Start sandboxes that wait for `run`, each used once");
    add_standby_flags(*one, options->flags);
    add_quiet_flag(*one, options->quiet, "ids");
    set_examples(*one, context,
                 {{"pool warm -n 4", "four for Python, for an hour"},
                  {"pool warm javascript", "one for JavaScript"},
                  {"pool warm --memory 1g", "for runs that say --memory 1g too"},
                  {"pool warm --template numbers", "for runs that say --template numbers too"}});
    one->callback([options, &context] {
        const Result<void> applied = apply_template(options->flags, context);
        applied ? warm(*options, context) : context.report(applied.error());
    });
}

void add_keep(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<Options>();
    CLI::App* one = command.add_subcommand("keep", "Start another one whenever one was used, until Ctrl-C");
    add_standby_flags(*one, options->flags);
    one->add_flag("--drain", options->drains, "Remove at the end those that it started; else they wait on");
    set_examples(*one, context,
                 {{"pool keep -n 4", "four for Python wait at any time"},
                  {"pool keep --drain --ttl 10m", "one, replaced before its ten minutes are over"}});
    one->callback([options, &context] {
        const Result<void> applied = apply_template(options->flags, context);
        applied ? keep(*options, context) : context.report(applied.error());
    });
}

using Action = void (*)(const Options& options, Context& context);

void add_simple(CLI::App& command, const char* name, const char* summary, Action action, Context& context)
{
    const auto options = std::make_shared<Options>();
    CLI::App* one = command.add_subcommand(name, summary);
    add_quiet_flag(*one, options->quiet, "ids");
    one->callback([options, action, &context] { action(*options, context); });
}

}  // namespace

void build_pool_command(CLI::App& command, Context& context)
{
    command.require_subcommand(1);
    set_examples(command, context,
                 {{"pool warm -n 4", "four sandboxes that wait for the next runs of Python"},
                  {"pool keep -n 4", "four at any time, until Ctrl-C"},
                  {"pool status", "those that still wait"}});
    add_warm(command, context);
    add_keep(command, context);
    add_simple(command, "status", "List the sandboxes that wait", status, context);
    add_simple(command, "drain", "Remove the sandboxes that wait", drain, context);
    for (CLI::App* below : command.get_subcommands([](CLI::App*) { return true; })) {
        add_json_flag(*below, context);
        add_config_flag(*below, context);
    }
}

}  // namespace sbx::cli
