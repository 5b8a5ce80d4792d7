#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/keeper_process.hpp"
#include "cli/sandbox_view.hpp"
#include "cli/shared_flags.hpp"
#include "cli/with_engine.hpp"
#include "cli/with_keeper.hpp"
#include "core/sandbox/detached.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace sbx::cli {
namespace {

/// A run that lives has no record: it is found among those that the engine has.
Result<SandboxView> find(const std::vector<SandboxView>& views, const SandboxStore& store, const std::string& name)
{
    const auto by_id = [&](const std::string& id) {
        return std::ranges::find(views, id, [](const SandboxView& view) { return view.record.id; });
    };
    if (const auto run = by_id(name); run != views.end()) return *run;
    const Result<SandboxRecord> record = store.find(name);
    if (!record) return record.error();
    const auto found = by_id(record->id);
    if (found == views.end()) return Error(Errc::not_found, fmt::format("no such sandbox: {}", name), "sbx ps -a");
    return *found;
}

/// Programs in the background; null where nobody can tell.
nlohmann::ordered_json processes_json(const Context& context, const SandboxStore& store, const SandboxView& view)
{
    if (view.kind != "sandbox" || view.state != "running") return nullptr;
    const auto work = [](AgentLink& link) { return list_processes(link); };
    const Result<std::vector<wire::ProcessInfo>> processes = with_keeper(context, store, view.record, work);
    if (!processes) return nullptr;
    nlohmann::ordered_json all = nlohmann::json::array();
    for (const wire::ProcessInfo& process : *processes) {
        const int code = static_cast<int>(process.exit.signal != 0 ? 128 + process.exit.signal : process.exit.code);
        nlohmann::ordered_json json;
        json["process"] = process.process;
        json["command"] = process.argv;
        json["running"] = process.running;
        json["exit_code"] = process.running ? nlohmann::ordered_json() : nlohmann::ordered_json(code);
        all.push_back(std::move(json));
    }
    return all;
}

void inspect(const std::vector<std::string>& names, Context& context)
{
    const SandboxStore store = sandbox_store(context);
    const Result<std::vector<SandboxView>> views = view_all(context, store);
    if (!views) return context.report(views.error());
    nlohmann::ordered_json all = nlohmann::json::array();
    for (const std::string& name : names) {
        const Result<SandboxView> view = find(*views, store, name);
        if (!view) return context.report(view.error());
        all.push_back(sandbox_json(*view));
        all.back()["processes"] = processes_json(context, store, *view);
    }
    if (context.json) return context.print_json(all);
    context.print(all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

}  // namespace

void build_inspect_command(CLI::App& command, Context& context)
{
    const auto names = std::make_shared<std::vector<std::string>>();
    command.add_option("SANDBOX", *names, "Ids, names, or beginnings of ids")->required();
    add_json_flag(command, context);
    add_config_flag(command, context);
    set_examples(command, context,
                 {{"inspect build", "limits, image, times, and why it ended"},
                  {"inspect --json build | jq -r '.[0].ends'", "when it will end"}});
    command.callback([names, &context] { inspect(*names, context); });
}

}  // namespace sbx::cli
