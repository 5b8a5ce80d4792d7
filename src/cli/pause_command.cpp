#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/remote.hpp"
#include "cli/sandbox_view.hpp"
#include "cli/shared_flags.hpp"
#include "cli/with_engine.hpp"
#include "cli/with_keeper.hpp"
#include "core/whole_file.hpp"

#include <nlohmann/json.hpp>

namespace sbx::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 30s;

/// The mark is there before the sandbox stands still, and as long as it does.
Result<void> pause_one(const Context& context, const SandboxStore& store, const SandboxRecord& record)
{
    const Result<Settings> settings = settings_of(context, record);
    if (!settings) return settings.error();
    if (auto marked = write_whole_file(pause_mark(store, record), "\n"); !marked) return marked;
    const auto work = [&](const OpenEngine& open) { return open.engine->pause(record.container); };
    Result<void> paused = with_engine(context, *settings, work);
    std::error_code ignored;
    if (!paused) std::filesystem::remove(pause_mark(store, record), ignored);
    return paused;
}

Result<void> resume_one(const Context& context, const SandboxStore& store, const SandboxRecord& record)
{
    const Result<Settings> settings = settings_of(context, record);
    if (!settings) return settings.error();
    const auto work = [&](const OpenEngine& open) { return open.engine->resume(record.container); };
    Result<void> resumed = with_engine(context, *settings, work);
    std::error_code ignored;
    if (resumed || resumed.error().code == Errc::conflict) std::filesystem::remove(pause_mark(store, record), ignored);
    return resumed;
}

Result<void> tell_daemon(const Context& context, const SandboxRecord& record, bool pauses)
{
    const std::string target = fmt::format("/v1/sandboxes/{}/{}", record.id, pauses ? "pause" : "resume");
    const auto told = call_daemon(context, docker::http::verb::post, target, nlohmann::json::object(), patience);
    if (!told) return told.error();
    return {};
}

Result<SandboxRecord> change(const Context& context, const std::string& name, bool pauses)
{
    const SandboxStore store = sandbox_store(context);
    Result<SandboxRecord> record = store.find(name);
    if (!record) return record;
    if (record->cause) return Error(Errc::not_found, fmt::format("sandbox {} has ended", name), "sbx ps");
    if (pauses == is_paused(store, *record))
        return Error(Errc::conflict, fmt::format("sandbox {} is {}paused", name, pauses ? "" : "not "));
    Result<void> done = {};
    if (daemon_host(context))
        done = tell_daemon(context, *record, pauses);
    else
        done = pauses ? pause_one(context, store, *record) : resume_one(context, store, *record);
    if (!done) return done.error();
    return record;
}

void build(CLI::App& command, Context& context, bool pauses)
{
    const auto name = std::make_shared<std::string>();
    command.add_option("SANDBOX", *name, "Id, name, or beginning of an id")->required();
    add_json_flag(command, context);
    add_config_flag(command, context);
    command.callback([name, pauses, &context] {
        const Result<SandboxRecord> record = change(context, *name, pauses);
        if (!record) return context.report(record.error());
        SandboxView view;
        view.record = *record;
        view.state = pauses ? "paused" : "running";
        if (context.json) return context.print_json(sandbox_json(view));
        context.print(*name + "\n");
    });
}

}  // namespace

void build_pause_command(CLI::App& command, Context& context)
{
    build(command, context, true);
    set_examples(command, context, {{"pause build", "its programs stand still; its time runs on"}});
}

void build_resume_command(CLI::App& command, Context& context)
{
    build(command, context, false);
    set_examples(command, context, {{"resume build", "they go on"}});
}

}  // namespace sbx::cli
