#include "cli/app.hpp"
#include "cli/daemon_commands.hpp"
#include "cli/sandbox_view.hpp"
#include "cli/shared_flags.hpp"
#include "cli/table.hpp"
#include "core/sandbox/record_json.hpp"
#include "core/store/execution_log.hpp"
#include "core/store/store_file.hpp"
#include "sbx/quantity.hpp"

#include <boost/describe/enum_to_string.hpp>
#include <nlohmann/json.hpp>

#include <unistd.h>

namespace sbx::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::uint32_t most_shown = 1'000'000;

struct ListOptions {
    bool quiet = false;
    std::string limit = "50";
    Filter filter;
};

/// The store of this user's daemon, which may be running; nothing when it never ran.
Result<std::optional<Database>> open_store(const Context& context)
{
    const std::filesystem::path state = directories(context.environment, ::geteuid()).state;
    if (state.empty()) return Error(Errc::unavailable, "there is no state directory", "set HOME");
    return open_store_to_read(store_path(state));
}

template <class E>
std::string word(const std::optional<E>& value)
{
    return value ? boost::describe::enum_to_string(*value, "?") : "";
}

ordered_json text_or_null(std::string text)
{
    return text.empty() ? ordered_json() : ordered_json(std::move(text));
}

ordered_json time_or_null(const std::optional<std::chrono::milliseconds>& time)
{
    return time ? iso_time(std::chrono::system_clock::time_point(*time)) : ordered_json();
}

ordered_json describe(const StoredExecution& run)
{
    ordered_json json;
    json["id"] = run.id;
    json["state"] = word(std::optional(run.state));
    json["reason"] = text_or_null(word(run.reason));
    json["exit_code"] = run.exit_code ? ordered_json(*run.exit_code) : ordered_json();
    json["language"] = run.language;
    json["dialect"] = run.dialect;
    json["sandbox"] = run.sandbox ? ordered_json(*run.sandbox) : ordered_json();
    json["key"] = text_or_null(run.owner);
    json["created"] = time_or_null(run.created);
    json["started"] = time_or_null(run.started);
    json["ended"] = time_or_null(run.ended);
    return json;
}

std::vector<std::string> row_of(const StoredExecution& run)
{
    const std::string reason = word(run.reason);
    const bool has_run = run.started && run.ended;
    return {run.id,
            run.language,
            run.state == ExecutionState::ended && !reason.empty() ? reason : word(std::optional(run.state)),
            run.exit_code ? std::to_string(*run.exit_code) : "-",
            rough_duration(record_time() - run.created),
            has_run ? fmt::format("{:.1f}s", std::chrono::duration<double>(*run.ended - *run.started).count()) : "-"};
}

bool is_wanted(const StoredExecution& run, const Filter& filter)
{
    return filter.matches("state", word(std::optional(run.state))) && filter.matches("reason", word(run.reason)) &&
           filter.matches("language", run.language) && filter.matches("dialect", run.dialect) &&
           filter.matches("sandbox", run.sandbox.value_or("")) && filter.matches("key", run.owner);
}

/// The newest ones first that `wanted` takes, without their records.
Result<std::vector<StoredExecution>> select(Database& store, std::size_t limit,
                                            const std::function<bool(const StoredExecution&)>& wanted)
{
    std::vector<StoredExecution> runs;
    ExecutionQuery query;
    query.limit = ExecutionLog::most_listed;
    do {
        Result<ExecutionPage> page = ExecutionLog(store).list(query);
        if (!page) return page.error();
        for (StoredExecution& run : page->executions) {
            if (!wanted(run)) continue;
            runs.push_back(std::move(run));
            if (runs.size() == limit) return runs;
        }
        query.cursor = std::move(page->next);
    } while (!query.cursor.empty());
    return runs;
}

void ls(const ListOptions& options, Context& context)
{
    if (const auto sound = options.filter.check(); !sound) return context.report(sound.error());
    const Result<std::uint32_t> limit = parse_count("--limit", options.limit, most_shown);
    if (!limit) return context.report(limit.error());
    Result<std::optional<Database>> store = open_store(context);
    if (!store) return context.report(store.error());
    Result<std::vector<StoredExecution>> runs = std::vector<StoredExecution>();
    if (*store)
        runs = select(**store, *limit, [&](const StoredExecution& run) { return is_wanted(run, options.filter); });
    if (!runs) return context.report(runs.error());
    ordered_json all = ordered_json::array();
    std::vector<std::vector<std::string>> rows{{"RUN", "LANGUAGE", "STATE", "EXIT", "AGE", "TOOK"}};
    for (const StoredExecution& run : *runs) {
        if (options.quiet && !context.json) context.print(run.id + "\n");
        all.push_back(options.quiet ? ordered_json(run.id) : describe(run));
        rows.push_back(row_of(run));
    }
    if (context.json) return context.print_json(all);
    if (!options.quiet) context.print(format_table(rows));
}

/// The one whose id this is, or a beginning of it.
Result<StoredExecution> find(const Context& context, const std::string& text)
{
    const Error unknown(Errc::not_found, fmt::format("no such run: {}", text), "sbx runs ls");
    Result<std::optional<Database>> store = open_store(context);
    if (!store) return store.error();
    if (!*store || text.empty()) return unknown;
    const auto begins = [&](const StoredExecution& run) { return run.id.starts_with(text); };
    const Result<std::vector<StoredExecution>> runs = select(**store, 2, begins);
    if (!runs) return runs.error();
    if (runs->empty()) return unknown;
    if (runs->size() > 1)
        return Error(Errc::conflict, fmt::format("several runs have an id that begins with {}", text), "sbx runs ls");
    return ExecutionLog(**store).find(runs->front().id, std::nullopt);
}

void show(const std::string& id, Context& context)
{
    const Result<StoredExecution> run = find(context, id);
    if (!run) return context.report(run.error());
    ordered_json json = describe(*run);
    const ordered_json record = ordered_json::parse(run->record, nullptr, false);
    json["record"] = record.is_discarded() ? ordered_json() : record;
    if (context.json) return context.print_json(json);
    context.print(json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
}

void add_ls(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<ListOptions>();
    CLI::App* one = command.add_subcommand("ls", "List the runs that the daemon remembers, newest first");
    one->add_option("-n,--limit", options->limit, "How many at most (default 50)")->type_name("COUNT");
    options->filter.add_flag(*one, {"state", "reason", "language", "dialect", "sandbox", "key"});
    add_json_flag(*one, context);
    add_quiet_flag(*one, options->quiet, "ids");
    set_examples(*one, context,
                 {{"runs ls", "the last fifty"},
                  {"runs ls --filter reason=timeout", "those that took too long"},
                  {"runs ls -q -n 1", "the id of the last one"}});
    one->callback([options, &context] { ls(*options, context); });
}

void add_show(CLI::App& command, Context& context)
{
    const auto id = std::make_shared<std::string>();
    CLI::App* one = command.add_subcommand("show", "Show a run with its record: output, times, how it ended");
    one->add_option("RUN", *id, "Its id, or a beginning of it")->required();
    add_json_flag(*one, context);
    set_examples(*one, context,
                 {{"runs show 1a2b3c", "all that is known of it"},
                  {"runs show --json 1a2b3c | jq -r .record.stdout", "what it wrote"}});
    one->callback([id, &context] { show(*id, context); });
}

}  // namespace

void build_runs_command(CLI::App& command, Context& context)
{
    command.require_subcommand(1);
    set_examples(command, context,
                 {{"runs ls", "what the daemon ran last"}, {"runs show 1a2b3c", "one of them, with its output"}});
    add_ls(command, context);
    add_show(command, context);
}

}  // namespace sbx::cli
