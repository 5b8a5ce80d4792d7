#include "cli/app.hpp"

#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/daemon_commands.hpp"
#include "cli/help_text.hpp"
#include "cli/keeper_process.hpp"
#include "cli/remote.hpp"
#include "cli/sandbox_names.hpp"
#include "cli/shared_flags.hpp"
#include "cli/template_names.hpp"
#include "core/nearest.hpp"
#include "sbx/version.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace sbx::cli {
namespace {

constexpr std::array table{
    Command{"run", "Run code once in a sandbox of its own", build_run_command, true, false, true},
    Command{"batch", "Run many jobs, each in a sandbox of its own", build_batch_command},
    Command{"create", "Make a sandbox that stays", build_create_command, false, false, true},
    Command{"exec", "Run a program in a sandbox", build_exec_command, true, false, true},
    Command{"eval", "Run code in a sandbox and keep its variables", build_eval_command, true, true, true},
    Command{"shell", "Open a terminal in a new sandbox, or in one that stays", build_shell_command, true, false, true},
    Command{"repl", "Type code into a sandbox and keep its variables", build_repl_command, true, true, true},
    Command{"cp", "Copy files into a sandbox, or out of it", build_cp_command, false, false, true},
    Command{"files", "List, read and change files of a sandbox", build_files_command, false, false, true},
    Command{"port", "Lead a port of this machine into a sandbox", build_port_command, false, false, true},
    Command{"logs", "Show the output of a program in the background", build_logs_command, false, false, true},
    Command{"wait", "Wait for a program in the background", build_wait_command, false, false, true},
    Command{"ps", "List sandboxes", build_ps_command, false, false, true},
    Command{"ls", "The same as ps", build_ls_command, false, false, true},
    Command{"stats", "Show what sandboxes use", build_stats_command, false, false, true},
    Command{"inspect", "Show all that is known of sandboxes", build_inspect_command, false, false, true},
    Command{"extend", "Let a sandbox live longer", build_extend_command, false, false, true},
    Command{"allow", "Let the programs of a sandbox connect to a host", build_allow_command, false, false, true},
    Command{"deny", "Take that back", build_deny_command, false, false, true},
    Command{"pause", "Let a sandbox stand still", build_pause_command, false, false, true},
    Command{"resume", "Let a paused sandbox go on", build_resume_command, false, false, true},
    Command{"stop", "End sandboxes, their programs politely first", build_stop_command, false, false, true},
    Command{"kill", "End sandboxes at once", build_kill_command, false, false, true},
    Command{"rm", "End sandboxes and forget them", build_rm_command, false, false, true},
    Command{"serve", "Serve runs and sandboxes over HTTP", build_serve_command},
    Command{"daemon", "Start, stop and look after the daemon in the background", build_daemon_command},
    Command{"runs", "Show what the daemon ran", build_runs_command, false, false, false, true},
    Command{"doctor", "Check that a run would work here", build_doctor_command, false, false, false, true},
    Command{"image", "Build, pull and remove the images of languages", build_image_command, false, false, false, true},
    Command{"pool", "Start sandboxes ahead of the runs that use them", build_pool_command, false, false, false, true},
    Command{"prune", "Remove what lost runs left behind", build_prune_command, false, false, false, true},
    Command{"lang", "Show the languages that sbx knows", build_lang_command},
    Command{"cache", "Show, remove and carry over installed libraries", build_cache_command, false, false, false, true},
    Command{"config", "Show and change settings", build_config_command},
    Command{"key", "Make and revoke keys to the daemon's API", build_key_command, false, false, true},
    Command{"bench", "Measure how long a run takes on this machine", build_bench_command, false, false, false, true},
    Command{"completion", "Print a completion script for a shell", build_completion_command},
    Command{"version", "Print the versions of sbx and of its images", build_version_command},
};

const Command* find_command(std::string_view name)
{
    const auto* found = std::ranges::find(table, name, &Command::name);
    return found == table.end() ? nullptr : found;
}

/// Flags of the program itself take no values, so the first other word is the command.
std::string_view command_word(const std::vector<std::string>& arguments)
{
    const auto word = std::ranges::find_if(arguments, [](const std::string& a) { return !a.starts_with('-'); });
    return word == arguments.end() ? std::string_view() : std::string_view(*word);
}

/// `help run` is `run --help`.
std::vector<std::string> without_help_command(std::vector<std::string> arguments)
{
    if (arguments.empty() || arguments.front() != "help") return arguments;
    arguments.erase(arguments.begin());
    arguments.emplace_back("--help");
    return arguments;
}

/// CLI11 parses from the back.
std::vector<std::string> reversed(CommandLine& line)
{
    std::vector<std::string> all = std::move(line.words);
    const bool has_dash = std::ranges::any_of(line.operands, [](const std::string& o) { return o.starts_with('-'); });
    if (has_dash) all.emplace_back("--");
    std::ranges::move(line.operands, std::back_inserter(all));
    std::ranges::reverse(all);
    return all;
}

Error usage_error(const CLI::ParseError& error, const CLI::App& command)
{
    const auto below = command.get_subcommands([](const CLI::App*) { return true; });
    if (!below.empty() && error.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError)) {
        std::vector<std::string> names;
        for (const CLI::App* each : below) names.push_back(each->get_name());
        return Error(Errc::invalid_argument,
                     fmt::format("{} needs a command: {}", full_name(command), fmt::join(names, ", ")),
                     full_name(command) + " --help");
    }
    std::string message = error.what();
    const bool is_name = message.size() > 1 && std::islower(static_cast<unsigned char>(message[1])) == 0;
    if (!is_name) message.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(message.front())));
    return Error(Errc::invalid_argument, message.substr(0, message.find_last_not_of(".\n") + 1),
                 full_name(command) + " --help");
}

void accept_place(CLI::App& command, Context& context)
{
    const auto below = command.get_subcommands([](const CLI::App*) { return true; });
    for (CLI::App* each : below) accept_place(*each, context);
    if (below.empty()) add_place_flags(command, context);
}

/// A script may say --yes and --no-input to every command that manages; help shows them where there is a question.
void accept_answers(CLI::App& command, Context& context)
{
    const auto below = command.get_subcommands([](const CLI::App*) { return true; });
    for (CLI::App* each : below) accept_answers(*each, context);
    if (!below.empty() || command.get_option_no_throw("--yes")) return;
    add_yes_flags(command, context);
    for (const char* flag : {"--yes", "--no-input"}) command.get_option(flag)->group("");
}

/// Text for people, or the JSON value that holds it.
void tell(Context& context, const char* key, const std::string& text)
{
    if (context.json) return context.print_json({{key, text}});
    context.print(text);
}

void parse(CLI::App& app, CommandLine line, Context& context)
{
    const CLI::App* command = line.command;
    try {
        app.parse(reversed(line));
    } catch (const CLI::CallForHelp&) {
        tell(context, "help", help_text(*command));
    } catch (const CLI::CallForVersion&) {
        tell(context, "version", fmt::format("{} {}\n", context.program, version()));
    } catch (const CLI::ParseError& error) {
        context.report(usage_error(error, *command));
    }
}

}  // namespace

std::span<const Command> commands()
{
    return table;
}

std::unique_ptr<CLI::App> build_app(Context& context, std::string_view only)
{
    auto app = std::make_unique<CLI::App>("Runs untrusted code in single-use containers", context.program);
    app->set_help_flag("-h,--help", "Show this help");
    app->set_version_flag("--version", std::string(version()), "Print the version");
    app->require_subcommand(0, 1);
    for (const Command& row : table) {
        CLI::App* command = app->add_subcommand(std::string(row.name), std::string(row.summary));
        command->group("Commands");
        if (!only.empty() && row.name != only) continue;
        row.build(*command, context);
        if (row.remote) accept_place(*command, context);
        if (!row.runs_program) accept_answers(*command, context);
    }
    set_examples(*app, context,
                 {{"run hello.py", "run a script in a new sandbox"},
                  {"run -c 'print(1)'", "run code from the command line"},
                  {"doctor", "check that a run would work"}});
    return app;
}

void set_examples(CLI::App& command, const Context& context, std::initializer_list<Example> examples)
{
    std::string footer;
    for (const Example& example : examples)
        footer += fmt::format("{} {}\t{}\n", context.program, example.arguments, example.meaning);
    command.footer(footer);
}

void run_app(Context& context, const std::vector<std::string>& typed)
{
    if (typed.size() == 2 && typed.front() == keeper_word) return be_keeper(context, typed.back());
    if (!typed.empty() && typed.front() == sandbox_names_word)
        return print_sandbox_names(context, typed.size() > 1 ? typed.back() : "");
    if (!typed.empty() && typed.front() == template_names_word) return print_template_names(context);
    const std::vector<std::string> arguments = without_help_command(typed);
    const std::string_view word = command_word(arguments);
    const Command* row = find_command(word);
    context.runs_program = row && row->runs_program;
    const auto app = build_app(context, row ? row->name : "version");
    if (arguments.empty()) return context.print(help_text(*app));

    CommandLine line = read_command_line(*app, arguments, context.runs_program && !row->flags_anywhere);
    context.json = line.json || (context.environment("SBX_JSON") && !line.ndjson);
    context.ndjson = line.ndjson || (context.runs_program && context.environment("SBX_NDJSON") && !line.json);
    context.meta = line.meta.empty() ? context.environment("SBX_META").value_or("") : line.meta;
    if (line.error) return context.report(*line.error);
    if (row && row->local && !context.environment("SBX_HOST").value_or("").empty())
        context.say(fmt::format("{}: {} is about this machine, not about SBX_HOST", context.program, row->name));
    if (context.runs_program) {
        context.operands = std::exchange(line.operands, {});
        context.operands_after_separator = line.separator;
    }
    parse(*app, std::move(line), context);
}

}  // namespace sbx::cli
