#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/completion.hpp"

namespace sbx::cli {
namespace {

struct Options {
    std::string shell;
};

void print_script(const Options& options, Context& context)
{
    const std::optional<Shell> shell = find_shell(options.shell);
    if (!shell)
        return context.report(Error(Errc::invalid_argument, fmt::format("no completion for {}", options.shell),
                                    "it is bash, zsh, fish or powershell"));
    const auto app = build_app(context, "");
    context.print(completion_script(*shell, context.program, completed_commands(*app)));
}

}  // namespace

void build_completion_command(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<Options>();
    command.add_option("bash|zsh|fish|powershell", options->shell, "The shell")->required();
    const std::string& program = context.program;
    set_examples(command, context,
                 {{fmt::format("completion bash > ~/.local/share/bash-completion/completions/{}", program),
                   "for bash with its completion package"},
                  {"completion bash >> ~/.bashrc", "for bash without it"},
                  {fmt::format("completion zsh > ~/.zfunc/_{}", program), "with ~/.zfunc in fpath"},
                  {fmt::format("completion fish > ~/.config/fish/completions/{}.fish", program), "for fish"},
                  {"completion powershell >> $PROFILE", "for PowerShell"}});
    command.callback([options, &context] { print_script(*options, context); });
}

}  // namespace sbx::cli
