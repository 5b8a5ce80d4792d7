#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/program_command.hpp"
#include "cli/run_options.hpp"
#include "cli/template_flag.hpp"

#include <unistd.h>

namespace sbx::cli {
namespace {

/// The best shell of the image.
const std::vector<std::string> shell_words{"sh", "-c", "exec \"$(command -v bash || echo sh)\""};

bool makes_a_sandbox(const RunOptions& options)
{
    return options.image || !options.template_word.empty() || !options.settings.empty() || !options.files.empty() ||
           !options.labels.empty() || !options.source.language.empty() || !options.network.empty() ||
           !options.allow.empty();
}

void shell(RunOptions options, Context& context)
{
    if (context.operands.size() > 1)
        return context.report(Error(Errc::invalid_argument, "a shell takes no command",
                                    fmt::format("{} exec -t SANDBOX COMMAND", context.program)));
    const bool is_new = context.operands.empty();
    if (!is_new && makes_a_sandbox(options))
        return context.report(
            Error(Errc::invalid_argument, "flags that make a sandbox do not fit one that is there already"));
    if (const auto applied = apply_template(options, context); !applied) return context.report(applied.error());
    // Whoever sits at it ends it.
    options.settings["limits.timeout"] = "none";
    options.settings["limits.max_output"] = "none";
    options.terminal = ::isatty(STDIN_FILENO) != 0;  // else it reads its lines as any shell does
    context.operands.insert(context.operands.end(), shell_words.begin(), shell_words.end());
    context.operands_after_separator = is_new;
    is_new ? run_once(context, options) : run_inside(context, options);
}

}  // namespace

void build_shell_command(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<RunOptions>();
    // For help and manual: the operand never reaches CLI11, it is in the context.
    command.add_option("SANDBOX")->description(
        "Id, name, or beginning of an id; without it a new one, gone afterwards");
    add_shell_options(command, *options, context);
    set_examples(command, context,
                 {{"shell", "look around in a new sandbox"},
                  {"shell --file . --lang bash", "with the files that are here"},
                  {"shell build", "in one that `create` made"},
                  {"shell build < setup.sh", "no terminal: it runs these lines"}});
    command.callback([options, &context] { shell(*options, context); });
}

}  // namespace sbx::cli
