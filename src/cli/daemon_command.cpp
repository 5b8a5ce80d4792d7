#include "cli/app.hpp"
#include "cli/daemon_commands.hpp"
#include "cli/daemon_process.hpp"
#include "cli/growing_file.hpp"
#include "cli/serve_flags.hpp"
#include "cli/shared_flags.hpp"

#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <unistd.h>

#include <chrono>
#include <thread>

namespace sbx::cli {
namespace {

using nlohmann::ordered_json;

constexpr auto look_again = std::chrono::milliseconds(200);

Result<DaemonProcess> own_daemon(const Context& context)
{
    std::filesystem::path state = directories(context.environment, ::geteuid()).state;
    if (state.empty()) return Error(Errc::unavailable, "there is no state directory", "set HOME");
    return DaemonProcess(std::move(state));
}

ordered_json describe(const DaemonProcess& daemon, std::optional<pid_t> process, bool is_running)
{
    ordered_json json;
    json["running"] = is_running;
    json["process"] = process ? ordered_json(*process) : ordered_json();
    json["addresses"] = is_running ? daemon.addresses() : std::vector<std::string>();
    json["log"] = daemon.log().native();
    return json;
}

void tell_running(const DaemonProcess& daemon, pid_t process, Context& context)
{
    if (context.json) return context.print_json(describe(daemon, process, true));
    context.print(fmt::format("process {}, listening on {}\n", process, fmt::join(daemon.addresses(), " and ")));
}

void start(const std::vector<std::string>& flags, Context& context)
{
    const Result<DaemonProcess> daemon = own_daemon(context);
    if (!daemon) return context.report(daemon.error());
    const Result<void> started = daemon->start(context.program, flags);
    if (!started) return context.report(started.error());
    tell_running(*daemon, daemon->find().value_or(0), context);
}

void stop(Context& context)
{
    const Result<DaemonProcess> daemon = own_daemon(context);
    if (!daemon) return context.report(daemon.error());
    const Result<pid_t> stopped = daemon->stop();
    if (!stopped) return context.report(stopped.error());
    if (context.json) context.print_json(describe(*daemon, *stopped, false));
}

void status(Context& context)
{
    const Result<DaemonProcess> daemon = own_daemon(context);
    if (!daemon) return context.report(daemon.error());
    const std::optional<pid_t> process = daemon->find();
    if (process) return tell_running(*daemon, *process, context);
    const Error none(Errc::not_found, "no daemon runs", "sbx daemon start");
    if (!context.json) return context.report(none);
    context.print_json(describe(*daemon, std::nullopt, false));
    context.exit_code = command_exit_code(none.code);
}

/// @param follow  goes on with what comes, until Ctrl-C
void logs(bool follow, Context& context)
{
    const Result<DaemonProcess> daemon = own_daemon(context);
    if (!daemon) return context.report(daemon.error());
    auto log = GrowingFile::open(daemon->log());
    if (!log)
        return context.report(Error(Errc::not_found, fmt::format("there is no {}", daemon->log().native()),
                                    "of a daemon that systemd started: journalctl --user -u sbx"));
    for (std::string text = log->read(); follow || !text.empty(); text = log->read()) {
        context.print(text);
        if (!text.empty()) continue;
        std::fflush(context.out);
        std::this_thread::sleep_for(look_again);
    }
}

/// The flags that were given, but for those that are this command's own.
std::vector<std::string> flags_of(const CLI::App& command)
{
    std::vector<std::string> words;
    for (const CLI::Option* option : command.get_options()) {
        const std::string name = option->get_lnames().empty() ? "" : option->get_lnames().front();
        if (option->count() == 0 || name == "json" || name == "help") continue;
        const bool is_switch = option->get_items_expected_max() == 0;
        for (const std::string& value : option->results()) {
            words.push_back("--" + name);
            if (!is_switch) words.push_back(value);
        }
    }
    return words;
}

void add_start(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<ServeOptions>();
    CLI::App* one = command.add_subcommand("start", "Start the daemon in the background");
    add_serve_flags(*one, *options, context);
    add_json_flag(*one, context);
    set_examples(*one, context,
                 {{"daemon start", "on 127.0.0.1:8000 and the user's own socket"},
                  {"daemon start --warm python=4", "with four Python sandboxes always ready"}});
    one->callback([options, one, &context] { start(flags_of(*one), context); });
}

void add_plain(CLI::App& command, Context& context, const char* name, const char* description,
               void (*work)(Context& context))
{
    CLI::App* one = command.add_subcommand(name, description);
    add_json_flag(*one, context);
    set_examples(*one, context, {{std::string("daemon ") + name, "of this user's daemon"}});
    one->callback([work, &context] { work(context); });
}

}  // namespace

void build_daemon_command(CLI::App& command, Context& context)
{
    command.require_subcommand(1);
    set_examples(command, context,
                 {{"daemon start", "serve in the background"},
                  {"daemon status", "whether it runs, and where it listens"},
                  {"daemon stop", "end it; its sandboxes live on for a while"}});
    add_start(command, context);
    add_plain(command, context, "stop", "End the daemon, and wait for that", stop);
    add_plain(command, context, "status", "Tell whether the daemon runs, and where it listens", status);
    CLI::App* one = command.add_subcommand("logs", "Print the log of a daemon that was started so");
    set_examples(*one, context,
                 {{"daemon logs | jq -c 'select(.level != \"info\")'", "what went wrong"},
                  {"daemon logs -f", "what happens, as it happens"}});
    const auto follow = std::make_shared<bool>(false);
    one->add_flag("-f,--follow", *follow, "What comes too, until Ctrl-C");
    one->callback([follow, &context] { logs(*follow, context); });
}

}  // namespace sbx::cli
