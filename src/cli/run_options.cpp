#include "cli/run_options.hpp"

#include "cli/app.hpp"
#include "cli/limit_flags.hpp"
#include "cli/raw_terminal.hpp"
#include "cli/run_files.hpp"
#include "cli/shared_flags.hpp"
#include "cli/template_flag.hpp"
#include "core/net/egress_list.hpp"
#include "core/sandbox/sweep.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>

namespace sbx::cli {
namespace {

constexpr std::size_t longest_label = 64;

void add_list(CLI::App& command, std::vector<std::string>& into, const std::string& flag, const std::string& type,
              const std::string& meaning)
{
    command.add_option(flag, into, meaning)
        ->type_name(type)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void add_image_flags(CLI::App& command, RunOptions& options)
{
    add_template_flag(command, options.template_word);
    command.add_option("--image", options.image, "Image to run in, instead of the language's")
        ->type_name("REFERENCE")
        ->group("Source");
    command
        .add_option_function<std::string>(
            "--pull", [&options](const std::string& text) { options.settings["pull"] = text; },
            "When to pull the image: missing (default), always, never")
        ->type_name("missing|always|never")
        ->group("Source");
}

void add_all_flag(CLI::App& command, RunOptions& options, const std::string& group)
{
    command
        .add_flag("--all", options.source.whole_directory,
                  "Take .git, node_modules, .venv and __pycache__ of directories too")
        ->group(group);
}

void add_source_options(CLI::App& command, RunOptions& options)
{
    command.add_option("-c", options.source.code, "Run this code; all that follows are its arguments")
        ->type_name("CODE")
        ->group("Source");
    command.add_option("--lang", options.source.language, "Language, where the file's name and first line don't tell")
        ->type_name("LANGUAGE")
        ->group("Source");
    command.add_option("--entry", options.source.entry, "File of a directory that starts")
        ->type_name("FILE")
        ->group("Source");
    add_all_flag(command, options, "Source");
    add_image_flags(command, options);
}

void add_network_flag(CLI::App& command, RunOptions& options)
{
    command
        .add_option("--net", options.network,
                    "Network: none (default), allow for listed places, or full for the engine's own bridge")
        ->check([](const std::string& text) { return text.empty() ? "it is none, allow or full" : std::string(); })
        ->type_name("none|allow|full")
        ->group("Network");
    add_list(command, options.allow, "--allow", "HOST[:PORT]",
             "Let programs connect there; *.HOST for all names below; ports 80 and 443 if none is given; repeatable");
    command.get_option("--allow")->delimiter(',')->group("Network");
}

void add_input_flag(CLI::App& command, RunOptions& options, const std::string& when)
{
    add_list(command, options.files, "--file,-v", "SRC[:DST]",
             fmt::format("Copy a file or a directory into /work {}; repeatable", when));
    command.get_option("--file")->group("Files");
}

void add_directory_flag(CLI::App& command, RunOptions& options, const std::string& meaning)
{
    command.add_option("--workdir", options.work_directory, meaning)->type_name("DIR")->group("Files");
}

void add_environment_flags(CLI::App& command, RunOptions& options)
{
    add_list(command, options.variables, "-e,--env", "K[=V]", "Set a variable; K alone takes ours; repeatable");
    add_list(command, options.variable_files, "--env-file", "FILE", "Read variables from a file, one K=V a line");
    for (const char* flag : {"--env", "--env-file"}) command.get_option(flag)->group("Environment");
}

void add_inside_options(CLI::App& command, RunOptions& options)
{
    add_network_flag(command, options);
    add_input_flag(command, options, "before the run");
    add_list(command, options.outputs, "--output", "GLOB[:DIR]", "Copy files out of /work after the run; repeatable");
    command
        .add_option("--artifacts", options.artifacts, "Copy every new and changed file of /work into this directory")
        ->type_name("DIR");
    for (const char* flag : {"--output", "--artifacts"}) command.get_option(flag)->group("Files");
    add_directory_flag(command, options, "Directory to start in (default /work)");
    add_environment_flags(command, options);
}

void add_terminal_flags(CLI::App& command, RunOptions& options)
{
    command.add_flag("-t,--tty", options.terminal, "Give the program a terminal")->group("Terminal");
    command.add_flag("-T,--no-tty", options.no_terminal, "Give it none")->group("Terminal");
    command.add_flag("-i,--interactive", options.interactive, "Pass a terminal's input on without giving a terminal")
        ->group("Terminal");
}

void add_record_flags(CLI::App& command, RunOptions& options, Context& context)
{
    command.add_flag("--json", context.json, "Print exactly one JSON object at the end, the output inside it")
        ->group("Result");
    command.add_flag("--ndjson", context.ndjson, "Print one JSON object a line as things happen")->group("Result");
    command.add_option("--meta", context.meta, "Write the result record to this file")
        ->type_name("FILE")
        ->group("Result");
    command.add_flag("-q,--quiet", options.quiet, "No explanations, no progress")->group("Result");
    command.add_flag("--timing", options.timing, "Say on stderr where the time went")->group("Result");
}

void add_program_flags(CLI::App& command, RunOptions& options, Context& context)
{
    add_terminal_flags(command, options);
    add_record_flags(command, options, context);
}

void add_label_flag(CLI::App& command, RunOptions& options, const std::string& group)
{
    add_list(command, options.labels, "--label", "K=V", "Label the sandbox; repeatable");
    command.get_option("--label")->group(group);
}

void add_result_options(CLI::App& command, RunOptions& options, Context& context)
{
    add_program_flags(command, options, context);
    add_label_flag(command, options, "Result");
    command.add_flag("--no-pool", options.no_pool, "Never a sandbox that was started ahead")->group("Result");
    command.add_flag("--debug", options.debug, "Tell the engine calls and their times on stderr (SBX_DEBUG)")
        ->group("Result");
    add_config_flag(command, context);
}

bool is_label_word(std::string_view text)
{
    return !text.empty() && text.size() <= longest_label && std::ranges::all_of(text, [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
    });
}

Result<std::map<std::string, std::string>> read_labels(const std::vector<std::string>& words)
{
    std::map<std::string, std::string> labels;
    for (const std::string& word : words) {
        const std::size_t equals = word.find('=');
        const std::string key = word.substr(0, equals);
        const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
        if (equals == std::string::npos || !is_label_word(key) || !is_label_word(value))
            return Error(Errc::invalid_argument,
                         fmt::format("--label: '{}' is not KEY=VALUE of letters, digits, '.', '_' and '-'", word),
                         "--label project=demo");
        labels[user_label_prefix + key] = value;
    }
    return labels;
}

/// Nothing of ours is passed on by itself; these are looked up only where `-e K` names them.
std::optional<std::string> our_variable(std::string_view name)
{
    const char* value = std::getenv(std::string(name).c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
}

Result<void> add_files(RunRequest& request, const RunOptions& options)
{
    for (const std::string& text : options.files) {
        auto file = parse_input_file(text, options.source.whole_directory);
        if (!file) return file.error();
        request.files.push_back(std::move(*file));
    }
    for (const std::string& text : options.outputs) {
        auto output = parse_output_files(text);
        if (!output) return output.error();
        request.outputs.push_back(std::move(*output));
    }
    if (!options.artifacts.empty()) {
        auto directory = parse_artifacts_directory(options.artifacts);
        if (!directory) return directory.error();
        request.artifacts = std::move(*directory);
    }
    if (options.work_directory.empty()) return {};
    auto directory = parse_work_directory(options.work_directory);
    if (!directory) return directory.error();
    request.directory = std::move(*directory);
    return {};
}

/// What the words of the network mean.
Result<void> set_network(RunRequest& request, const RunOptions& options, const Settings& settings)
{
    std::string network = options.network;
    if (network.empty()) network = options.allow.empty() ? "none" : "allow";
    if (network != "none" && network != "allow" && network != "full")
        return Error(Errc::invalid_argument, fmt::format("--net: '{}' is not a network", network),
                     "it is none, allow or full");
    if (!options.allow.empty() && (network == "none" || network == "full"))
        return Error(Errc::invalid_argument, fmt::format("--allow does not go with --net {}", network),
                     "leave --net out");
    EgressList list;
    for (const std::string& text : options.allow) {
        const Result<std::vector<EgressRule>> rules = parse_egress_rule("--allow", text);
        if (!rules) return rules.error();
        if (const auto added = list.add(*rules); !added) return added.error();
    }
    request.network = network == "full" ? Network::full : Network::none;
    request.allow = list.rules();
    request.permit = settings.egress_permit;
    return {};
}

/// `--image` is also SBX_IMAGE, and so on. Those that are settings have theirs in the table of settings, those that
/// decide how even a wrong command line is answered are looked up before anything is parsed.
void add_variables(CLI::App& command)
{
    static const std::set<std::string> elsewhere{"help", "config", "debug", "json", "ndjson", "pull"};
    for (CLI::Option* option : command.get_options()) {
        if (option->get_lnames().empty() || option->get_group() == "Limits") continue;
        std::string variable = option->get_lnames().front();
        if (elsewhere.contains(variable)) continue;
        std::ranges::transform(variable, variable.begin(),
                               [](unsigned char c) { return c == '-' ? '_' : std::toupper(c); });
        option->envname("SBX_" + variable);
    }
}

}  // namespace

void add_run_options(CLI::App& command, RunOptions& options, Context& context)
{
    // For help and manual: the operands never reach CLI11, they are in the context.
    command.add_option("FILE|DIR|-")->description("What to run; - reads it from stdin, -- COMMAND is one of the image");
    command.add_option("ARGS")
        ->description("Everything after it is the program's")
        ->expected(0, CLI::detail::expected_max_vector_size);
    add_source_options(command, options);
    add_library_flags(command, options.libraries);
    add_limit_flags(command, options.settings, LimitFlags::all);
    add_inside_options(command, options);
    add_result_options(command, options, context);
    add_variables(command);
}

void add_create_options(CLI::App& command, RunOptions& options, Context& context)
{
    command.add_option("--lang", options.source.language, "Language whose image it gets (default python)")
        ->type_name("LANGUAGE")
        ->group("Source");
    add_image_flags(command, options);
    add_library_flags(command, options.libraries);
    add_limit_flags(command, options.settings, LimitFlags::of_sandbox);
    add_network_flag(command, options);
    add_input_flag(command, options, "at once");
    add_all_flag(command, options, "Files");
    add_directory_flag(command, options, "Directory that programs start in (default /work)");
    add_environment_flags(command, options);
    add_label_flag(command, options, "Life");
    command.add_flag("--debug", options.debug, "Tell the engine calls and their times on stderr (SBX_DEBUG)");
    add_json_flag(command, context);
    add_quiet_flag(command, options.quiet, "the id, no progress");
    add_config_flag(command, context);
    add_variables(command);
}

void add_shell_options(CLI::App& command, RunOptions& options, Context& context)
{
    command.add_option("--lang", options.source.language, "Language whose image a new sandbox gets (default python)")
        ->type_name("LANGUAGE")
        ->group("Source");
    add_repl_options(command, options, context);
}

void add_repl_options(CLI::App& command, RunOptions& options, Context& context)
{
    add_image_flags(command, options);
    add_library_flags(command, options.libraries);
    add_limit_flags(command, options.settings, LimitFlags::of_sandbox);
    add_network_flag(command, options);
    add_input_flag(command, options, "of a new sandbox");
    add_all_flag(command, options, "Files");
    add_directory_flag(command, options, "Directory to start in");
    add_environment_flags(command, options);
    add_label_flag(command, options, "Result");
    add_config_flag(command, context);
    add_variables(command);
}

void add_exec_options(CLI::App& command, RunOptions& options, Context& context)
{
    add_limit_flags(command, options.settings, LimitFlags::of_program);
    add_directory_flag(command, options, "Directory to start in (default: the sandbox's)");
    add_environment_flags(command, options);
    add_program_flags(command, options, context);
    add_config_flag(command, context);
    add_variables(command);
}

void add_batch_options(CLI::App& command, RunOptions& options, Context& context)
{
    command.add_option("--lang", options.source.language, "Language of jobs that name none")
        ->type_name("LANGUAGE")
        ->group("Source");
    add_image_flags(command, options);
    add_library_flags(command, options.libraries);
    add_limit_flags(command, options.settings, LimitFlags::all);
    add_network_flag(command, options);
    add_input_flag(command, options, "before each run");
    add_all_flag(command, options, "Files");
    add_directory_flag(command, options, "Directory that programs start in (default /work)");
    add_environment_flags(command, options);
    add_label_flag(command, options, "Sandboxes");
    command.add_flag("--no-pool", options.no_pool, "Never a sandbox that was started ahead")->group("Sandboxes");
    command.add_flag("--debug", options.debug, "Tell the engine calls and their times on stderr (SBX_DEBUG)")
        ->group("Sandboxes");
    add_config_flag(command, context);
    add_variables(command);
}

void add_eval_options(CLI::App& command, RunOptions& options, Context& context)
{
    command.add_option("-c", options.source.code, "Run this code")->type_name("CODE")->group("Source");
    command.add_option("--lang", options.source.language, "Language, where the file's name and first line don't tell")
        ->type_name("LANGUAGE")
        ->group("Source");
    command
        .add_flag("-i,--interactive", options.interactive, "Give the code this stdin, which is read to its end first")
        ->group("Source");
    add_limit_flags(command, options.settings, LimitFlags::of_code);
    command
        .add_option("--artifacts", options.artifacts,
                    "Write pictures and other values that are no text into this directory")
        ->type_name("DIR")
        ->group("Result");
    add_record_flags(command, options, context);
    add_config_flag(command, context);
    add_variables(command);
}

Result<RunRequest> build_request(const RunOptions& options, const Settings& settings, const Source& source)
{
    if (options.image && options.image->empty())
        return Error(Errc::invalid_argument, "--image names no image", "--image debian:bookworm-slim");
    if (options.terminal && options.no_terminal) return Error(Errc::invalid_argument, "-t and -T exclude each other");
    RunRequest request;
    if (const auto sound = check(settings.limits); !sound) return sound.error();
    request.limits = settings.limits;
    request.compile_timeout = settings.compile_timeout;
    if (auto set = set_network(request, options, settings); !set) return set.error();
    request.compile = source.compile;
    request.command = source.command;
    if (auto added = add_files(request, options); !added) return added.error();
    // The script comes last: nothing given with --file takes its place.
    request.files.insert(request.files.end(), source.files.begin(), source.files.end());
    auto variables = read_variables(options.variables, options.variable_files, our_variable);
    if (!variables) return variables.error();
    request.environment = merged(options.template_variables, std::move(*variables));
    auto labels = read_labels(options.labels);
    if (!labels) return labels.error();
    request.labels = std::move(*labels);
    request.standby = !options.no_pool;
    return request;
}

Result<RunRequest> build_session_request(const RunOptions& options, const Settings& settings, const Source& source,
                                         const SandboxRecord& sandbox)
{
    Result<RunRequest> request = build_request(options, settings, source);
    if (!request) return request;
    Limits limits = sandbox.limits;
    limits.wall_ms = request->limits.wall_ms;
    limits.grace_ms = request->limits.grace_ms;
    limits.output_bytes = request->limits.output_bytes;
    limits.cpu_ms = request->limits.cpu_ms;
    request->limits = limits;
    if (options.work_directory.empty()) request->directory = sandbox.directory;
    request->environment = merged(sandbox.environment, std::move(request->environment));
    request->image.id = sandbox.image;
    request->image_name = sandbox.image_name;
    return request;
}

}  // namespace sbx::cli
