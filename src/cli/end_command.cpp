#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/remote.hpp"
#include "cli/sandbox_view.hpp"
#include "cli/shared_flags.hpp"
#include "cli/with_engine.hpp"
#include "cli/with_keeper.hpp"
#include "core/file_lock.hpp"
#include "sbx/quantity.hpp"

#include <nlohmann/json.hpp>

#include <csignal>

namespace sbx::cli {
namespace {

using namespace std::chrono_literals;

enum class Manner { stop, kill, remove };

struct Options {
    std::vector<std::string> names;
    std::string grace = "10s";
    bool quiet = false;
};

/// Its keeper has gone: the engine ends it.
Result<void> end_unkept(const Context& context, const SandboxStore& store, SandboxRecord record, Manner manner)
{
    const std::optional<FileLock> lock = FileLock::try_acquire(store.lock_of(record.id));
    if (!lock) return Error(Errc::unavailable, fmt::format("sandbox {} is being started", record.id));
    const Result<Settings> settings = settings_of(context, record);
    if (!settings) return settings.error();
    const auto remove = [&](const OpenEngine& open) { return open.engine->remove("sbx-" + record.id); };
    if (Result<void> removed = with_engine(context, *settings, remove); !removed) return removed;
    record.cause = manner == Manner::stop ? Cause::stopped : Cause::killed;
    record.ended = record_time();
    return store.write(record);
}

Result<void> end_living(const Context& context, const SandboxStore& store, const SandboxRecord& record, Manner manner,
                        std::chrono::milliseconds grace)
{
    const auto end = [&](AgentLink& link) { return end_sandbox(link, manner == Manner::stop ? grace : 0ms); };
    if (daemon_host(context)) return with_keeper(context, store, record, end);
    asio::io_context io(1);
    Result<LocalSocket> socket = connect_to(io.get_executor(), store.socket_of(record.id));
    if (!socket) return end_unkept(context, store, record, manner);
    return talk_to_keeper(io, make_channel(std::move(*socket)), record, end);
}

/// One that has ended already has been ended.
Result<SandboxRecord> end_one(const Context& context, const SandboxStore& store, const std::string& name, Manner manner,
                              std::chrono::milliseconds grace)
{
    Result<SandboxRecord> record = store.find(name);
    if (!record) return record;
    if (!record->cause)
        if (const auto ended = end_living(context, store, *record, manner, grace); !ended) return ended.error();
    if (auto now = store.read(record->id)) record = std::move(*now);
    if (manner == Manner::remove)
        if (const auto forgotten = forget_sandbox(context, store, *record); !forgotten) return forgotten.error();
    return record;
}

/// All are tried; the first failure is the command's.
void end_all(const Options& options, Manner manner, Context& context)
{
    const auto grace = parse_duration("--grace", options.grace);
    if (!grace) return context.report(grace.error());
    std::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c)
    const SandboxStore store = sandbox_store(context);
    std::optional<Error> failure;
    nlohmann::ordered_json all = nlohmann::json::array();
    for (const std::string& name : options.names) {
        const Result<SandboxRecord> ended = end_one(context, store, name, manner, grace->value_or(24h));
        if (!ended) {
            if (failure && !context.json) context.say(ended.error());
            if (!failure) failure = ended.error();
            continue;
        }
        SandboxView view;
        view.record = *ended;
        view.state = manner == Manner::remove ? "removed" : "ended";
        all.push_back(sandbox_json(view));
        if (!context.json) context.print(options.quiet ? ended->id + "\n" : name + "\n");
    }
    if (failure) return context.report(*failure);
    if (context.json) context.print_json(all);
}

void build(CLI::App& command, Context& context, Manner manner)
{
    const auto options = std::make_shared<Options>();
    command.add_option("SANDBOX", options->names, "Ids, names, or beginnings of ids")->required();
    if (manner == Manner::stop)
        command.add_option("--grace", options->grace, "Time that its programs have to end (default 10s)")
            ->type_name("TIME");
    add_json_flag(command, context);
    add_quiet_flag(command, options->quiet, "ids");
    add_config_flag(command, context);
    command.callback([options, manner, &context] { end_all(*options, manner, context); });
}

}  // namespace

void build_stop_command(CLI::App& command, Context& context)
{
    build(command, context, Manner::stop);
    set_examples(command, context,
                 {{"stop build", "SIGTERM to its programs, then it ends with the last of them"},
                  {"stop --grace 1m build", "more time for them"}});
}

void build_kill_command(CLI::App& command, Context& context)
{
    build(command, context, Manner::kill);
    set_examples(command, context, {{"kill build", "at once; `ps -a` still shows it, and why it ended"}});
}

void build_rm_command(CLI::App& command, Context& context)
{
    build(command, context, Manner::remove);
    set_examples(command, context,
                 {{"rm build", "at once, and nothing of it is kept"},
                  {"rm $(sbx ps -aq --filter kind=sandbox)", "all of them"}});
}

}  // namespace sbx::cli
