#include "cli/documents.hpp"

#include "cli/app.hpp"
#include "cli/completion.hpp"
#include "cli/man_page.hpp"

namespace sbx::cli {

std::map<std::string, std::string> documents(Context& context)
{
    const auto app = build_app(context, "");
    std::map<std::string, std::string> files;
    for (auto& [name, text] : man_pages(*app, context)) files.emplace("man/" + name, std::move(text));
    const std::vector<CompletedCommand> commands = completed_commands(*app);
    const std::pair<Shell, std::string> scripts[] = {{Shell::bash, context.program + ".bash"},
                                                     {Shell::zsh, "_" + context.program},
                                                     {Shell::fish, context.program + ".fish"},
                                                     {Shell::powershell, context.program + ".ps1"}};
    for (const auto& [shell, name] : scripts)
        files.emplace("completions/" + name, completion_script(shell, context.program, commands));
    return files;
}

}  // namespace sbx::cli
