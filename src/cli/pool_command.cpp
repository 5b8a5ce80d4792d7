#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/image_preference.hpp"
#include "cli/limit_flags.hpp"
#include "cli/progress.hpp"
#include "cli/shared_flags.hpp"
#include "cli/table.hpp"
#include "cli/with_engine.hpp"
#include "core/sandbox/agent_volume.hpp"
#include "core/sandbox/standby.hpp"
#include "core/sandbox/sweep.hpp"
#include "core/with_timeout.hpp"
#include "sbx/quantity.hpp"

#include <nlohmann/json.hpp>

#include <unistd.h>

namespace sbx::cli {
namespace {

using nlohmann::ordered_json;
using namespace std::chrono_literals;

constexpr auto longest_life = 24h;
constexpr std::uint32_t most_at_once = 64;

struct Options {
    std::string language = "python";
    std::optional<std::string> image;
    std::map<std::string, std::string> settings;
    std::string count = "1";
    std::string life = "1h";
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

/// What `sbx pool warm` starts, and with what a run must agree.
struct Wanted {
    const Language* language = nullptr;
    RunRequest request;
    std::chrono::milliseconds life{0};
    std::uint32_t count = 1;
};

Result<Wanted> read_wanted(const Options& options, const Settings& settings)
{
    Wanted wanted;
    const Result<const Language*> language = find_language(options.language);
    if (!language) return language.error();
    wanted.language = *language;
    const Result<std::optional<std::chrono::milliseconds>> life = parse_duration("--ttl", options.life);
    if (!life) return life.error();
    if (!*life || **life > longest_life)
        return Error(Errc::invalid_argument, "--ttl: a standby sandbox ends after a day at the latest", "--ttl 24h");
    wanted.life = **life;
    const Result<std::uint32_t> count = parse_count("-n", options.count, most_at_once);
    if (!count) return count.error();
    wanted.count = *count;
    if (const auto sound = check(settings.limits); !sound) return sound.error();
    wanted.request.limits = settings.limits;
    wanted.request.preload = preload_words(**language);
    return wanted;
}

/// Each is remembered as soon as it runs, so that what was interrupted loses none.
asio::awaitable<Result<std::vector<Standby>>> start_all(const OpenEngine& open, Wanted wanted,
                                                        const StandbyStore& store, std::filesystem::path cache)
{
    const wire::AgentImage* agent = wire::agent_image(wanted.request.image.architecture);
    if (agent == nullptr)
        co_return Error(Errc::image_unavailable, fmt::format("the image is for {}, for which sbx has no agent",
                                                             wanted.request.image.architecture));
    Result<Mount> volume =
        co_await ensure_agent_volume(*open.engine, open.endpoint, *agent, wanted.request.image.id, cache, false);
    std::vector<Standby> all;
    for (bool refilled = false; all.size() < wanted.count;) {
        if (!volume) co_return volume.error();
        StandbySpec spec = standby_spec(wanted.request, open.endpoint, *agent);
        Result<Standby> standby = co_await start_standby(*open.engine, std::move(spec), *volume, wanted.life);
        if (!standby && is_agent_missing(standby.error()) && !refilled) {
            refilled = true;  // the volume lost its content since it was verified
            volume =
                co_await ensure_agent_volume(*open.engine, open.endpoint, *agent, wanted.request.image.id, cache, true);
            continue;
        }
        if (!standby) co_return standby.error();
        standby->description = std::string(wanted.language->name);
        const Result<void> added = store.add(*standby);
        if (!added) {
            const Result<void> removed = co_await open.engine->remove(standby->id);
            co_return added.error();
        }
        all.push_back(std::move(*standby));
    }
    co_return all;
}

asio::awaitable<Result<std::vector<Standby>>> start_in(const OpenEngine& open,
                                                       asio::awaitable<Result<ChosenImage>> choosing, Wanted wanted,
                                                       const StandbyStore& store, std::filesystem::path cache)
{
    Result<ChosenImage> image = co_await std::move(choosing);
    if (!image) co_return image.error();
    wanted.request.image = std::move(image->info);
    co_return co_await start_all(open, std::move(wanted), store, std::move(cache));
}

void warm(const Options& options, Context& context)
{
    const Result<Configuration> configuration = context.configuration(options.settings);
    if (!configuration) return context.report(configuration.error());
    const Settings& settings = configuration->settings;
    const Result<Wanted> wanted = read_wanted(options, settings);
    if (!wanted) return context.report(wanted.error());
    const StandbyStore store = store_of(context);
    const std::filesystem::path cache = directories(context.environment, ::getuid()).cache;
    ProgressLine progress(context, options.quiet);
    ImagePreference preference = image_preference(*wanted->language, settings);
    if (options.image) preference.configured = *options.image;
    const auto work = [&](const OpenEngine& open) {
        auto choosing = choose_image(*open.engine, *wanted->language, preference, progress.sink());
        return start_in(open, with_timeout(std::move(choosing), settings.pull_timeout), *wanted, store, cache);
    };
    const Result<std::vector<Standby>> started = with_engine(context, settings, work);
    progress.clear();
    if (!started) return context.report(started.error());
    print_all(*started, options, context);
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
    one->add_option("LANGUAGE", options->language, "Name or alias (default python)");
    one->add_option("-n", options->count, "How many (default 1)")->type_name("COUNT");
    one->add_option("--ttl", options->life, "How long they wait: 30m, 1h (default)")->type_name("TIME");
    one->add_option("--image", options->image, "Image, instead of the language's")->type_name("REFERENCE");
    add_limit_flags(*one, options->settings, LimitFlags::of_sandbox);
    add_quiet_flag(*one, options->quiet, "ids");
    set_examples(*one, context,
                 {{"pool warm -n 4", "four for Python, for an hour"},
                  {"pool warm --memory 1g", "for runs that say --memory 1g too"}});
    one->callback([options, &context] { warm(*options, context); });
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
                  {"pool status", "those that still wait"}});
    add_warm(command, context);
    add_simple(command, "status", "List the sandboxes that wait", status, context);
    add_simple(command, "drain", "Remove the sandboxes that wait", drain, context);
    for (CLI::App* below : command.get_subcommands([](CLI::App*) { return true; })) {
        add_json_flag(*below, context);
        add_config_flag(*below, context);
    }
}

}  // namespace sbx::cli
