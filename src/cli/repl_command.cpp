#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/make_sandbox.hpp"
#include "cli/program_command.hpp"
#include "cli/repl.hpp"
#include "cli/with_keeper.hpp"
#include "core/sandbox/identity.hpp"
#include "core/sandbox/kernel_place.hpp"
#include "sbx/language.hpp"

#include <unistd.h>

namespace sbx::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto never = 24h;  // only a second Ctrl-C ends a kernel

struct Options {
    RunOptions run;
    std::string sandbox;
    std::string context = "default";
    std::string artifacts;
};

bool makes_a_sandbox(const RunOptions& options)
{
    return options.image || !options.template_word.empty() || !options.settings.empty() || !options.files.empty() ||
           !options.labels.empty() || !options.network.empty() || !options.allow.empty();
}

Result<KernelPlace> read_place(Context& context, Options& options)
{
    if (context.operands.size() > 1)
        return Error(Errc::invalid_argument, "a session takes a language and nothing else",
                     fmt::format("{} repl --sandbox NAME", context.program));
    const Result<const Language*> language =
        find_language(context.operands.empty() ? "python" : context.operands.front());
    if (!language) return language.error();
    options.run.source.language = (*language)->name;
    if (!options.sandbox.empty() && makes_a_sandbox(options.run))
        return Error(Errc::invalid_argument, "flags that make a sandbox do not fit one that is there already");
    return kernel_place(**language, options.context);
}

/// What a cell of the session runs with.
Result<RunRequest> cell_request(const Context& context, const RunOptions& options, const SandboxRecord& sandbox)
{
    const Result<Configuration> configuration = context.configuration();
    if (!configuration) return configuration.error();
    RunOptions inside;
    inside.variables = options.variables;
    inside.variable_files = options.variable_files;
    inside.work_directory = options.work_directory;
    Result<RunRequest> request = build_session_request(inside, configuration->settings, Source(), sandbox);
    if (!request) return request;
    // Whoever sits at it ends it.
    request->limits.wall_ms.reset();
    request->limits.output_bytes.reset();
    request->limits.grace_ms = never;
    request->execution_id = new_execution_id();
    return request;
}

void talk_in(Context& context, const Options& options, KernelPlace place, SandboxRecord sandbox)
{
    Result<RunRequest> request = cell_request(context, options.run, sandbox);
    if (!request) return context.report(request.error());
    for (const auto& [name, value] : request->environment)
        place.environment.push_back(fmt::format("{}={}", name, value));
    place.directory = request->directory;
    Repl(context, {std::move(sandbox), std::move(place), std::move(*request), options.artifacts}).talk();
}

void greet(const Context& context, const KernelPlace& place, const std::string& where)
{
    if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0) return;
    context.say(fmt::format("{} in {}. Ctrl-C interrupts, Ctrl-D ends.", place.language, where));
}

/// A sandbox of the session's own. Should this process be killed, it is soon idle, which ends it too.
void talk_in_new(Context& context, Options& options, KernelPlace place)
{
    const SandboxLife life{.time = "24h", .idle = "10s"};
    const Result<SandboxRecord> sandbox = make_sandbox(context, options.run, life);
    if (!sandbox) return context.report(sandbox.error());
    greet(context, place, "a new sandbox, gone afterwards");
    talk_in(context, options, std::move(place), *sandbox);
    remove_sandbox(context, *sandbox);
}

void repl(Options& options, Context& context)
{
    Result<KernelPlace> place = read_place(context, options);
    if (!place) return context.report(place.error());
    if (options.sandbox.empty()) return talk_in_new(context, options, std::move(*place));
    const Result<SandboxRecord> sandbox = find_living(sandbox_store(context), options.sandbox);
    if (!sandbox) return context.report(sandbox.error());
    greet(context, *place, fmt::format("the sandbox {}", options.sandbox));
    talk_in(context, options, std::move(*place), *sandbox);
}

}  // namespace

void build_repl_command(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<Options>();
    // For help and manual: the operand never reaches CLI11, it is in the context.
    command.add_option("LANGUAGE")
        ->description(fmt::format("One that keeps state: {} (default: python)", kernel_languages()));
    command
        .add_option("--sandbox", options->sandbox, "One that is there: id, name, or beginning of an id; else a new one")
        ->type_name("SANDBOX")
        ->group("Source");
    command.add_option("--context", options->context, "Kernel of its own by that name (default: default)")
        ->type_name("NAME")
        ->group("Source");
    command
        .add_option("--artifacts", options->artifacts,
                    "Directory for pictures that the terminal cannot show (default: a new one for temporary files)")
        ->type_name("DIR")
        ->group("Result");
    add_repl_options(command, options->run, context);
    set_examples(command, context,
                 {{"repl", "Python in a new sandbox"},
                  {"repl javascript", "another language"},
                  {"repl --sandbox build", "with the variables that `eval build` left"},
                  {"repl --file data.csv --memory 2g", "with a file and more memory"}});
    command.callback([options, &context] { repl(*options, context); });
}

}  // namespace sbx::cli
