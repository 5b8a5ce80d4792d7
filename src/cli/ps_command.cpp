#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/keeper_process.hpp"
#include "cli/sandbox_view.hpp"
#include "cli/shared_flags.hpp"
#include "cli/table.hpp"
#include "cli/with_engine.hpp"

#include <boost/describe/enum_to_string.hpp>
#include <nlohmann/json.hpp>

namespace sbx::cli {
namespace {

struct Options {
    bool all = false;
    bool quiet = false;
    Filter filter;
};

bool is_wanted(const SandboxView& view, const Options& options)
{
    const Filter& filter = options.filter;
    const bool shown = options.all || view.state != "ended";
    return shown && filter.matches("name", view.record.name) && filter.matches("state", view.state) &&
           filter.matches("image", view.record.image_name) && filter.matches("kind", view.kind);
}

std::vector<std::string> row_of(const SandboxView& view)
{
    const SandboxRecord& record = view.record;
    std::string state = view.kind == "run" ? "run, " + view.state : view.state;
    if (record.cause) state += fmt::format(" ({})", boost::describe::enum_to_string(*record.cause, "?"));
    const bool ends = !record.cause && record.deadline.count() > 0;
    return {record.id,
            record.name.empty() ? "-" : record.name,
            record.image_name,
            state,
            rough_duration(record_time() - record.created),
            ends ? rough_duration(record.deadline - record_time()) : "-"};
}

void list(const Options& options, Context& context)
{
    if (const auto sound = options.filter.check(); !sound) return context.report(sound.error());
    const SandboxStore store = sandbox_store(context);
    const Result<std::vector<SandboxView>> views = view_all(context, store);
    if (!views) return context.report(views.error());
    nlohmann::ordered_json all = nlohmann::json::array();
    std::vector<std::vector<std::string>> rows{{"SANDBOX", "NAME", "IMAGE", "STATE", "AGE", "ENDS IN"}};
    for (const SandboxView& view : *views) {
        if (!is_wanted(view, options)) continue;
        all.push_back(options.quiet ? nlohmann::ordered_json(view.record.id) : sandbox_json(view));
        if (options.quiet && !context.json) context.print(view.record.id + "\n");
        rows.push_back(row_of(view));
    }
    if (context.json) return context.print_json(all);
    if (!options.quiet) context.print(format_table(rows));
}

}  // namespace

void build_ps_command(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<Options>();
    command.add_flag("-a,--all", options->all, "Those that have ended too");
    options->filter.add_flag(command, {"name", "state", "image", "kind"});
    add_json_flag(command, context);
    add_quiet_flag(command, options->quiet, "ids");
    add_config_flag(command, context);
    set_examples(command, context,
                 {{"ps", "the sandboxes that live, and the runs that are under way"},
                  {"ps -a", "those that have ended too, and why"},
                  {"ps -q --filter kind=sandbox", "ids for a script"}});
    command.callback([options, &context] { list(*options, context); });
}

void build_ls_command(CLI::App& command, Context& context)
{
    build_ps_command(command, context);
}

}  // namespace sbx::cli
