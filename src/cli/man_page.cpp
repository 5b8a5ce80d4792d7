#include "cli/man_page.hpp"

#include "cli/app.hpp"
#include "cli/command_line.hpp"
#include "cli/help_text.hpp"
#include "core/config/settings.hpp"
#include "sbx/version.hpp"

#include <boost/algorithm/string/case_conv.hpp>
#include <boost/algorithm/string/replace.hpp>

#include <algorithm>

namespace sbx::cli {
namespace {

/// Text for the body of a page: nothing in it is a request or a typographic dash.
std::string escaped(std::string text)
{
    boost::algorithm::replace_all(text, "\\", "\\e");
    boost::algorithm::replace_all(text, "-", "\\-");
    boost::algorithm::replace_all(text, "→", "\\(->");
    if (text.starts_with('.') || text.starts_with('\'')) text.insert(0, "\\&");
    return text;
}

std::string page_name(const CLI::App& command)
{
    std::string name = full_name(command);
    std::ranges::replace(name, ' ', '-');
    return name;
}

std::string item(const std::string& head, const std::string& text)
{
    return fmt::format(".TP\n\\fB{}\\fR\n{}\n", escaped(head), escaped(text));
}

std::string options_of(const CLI::App& command)
{
    std::string text;
    for (const CLI::Option* option : command.get_options())
        if (option->get_positional()) text += item(option->get_name(true), option->get_description());
    for (const auto& [group, options] : option_groups(command)) {
        if (option_groups(command).size() > 1) text += fmt::format(".SS {}\n", escaped(group));
        for (const CLI::Option* option : options) text += item(spelling(*option), option->get_description());
    }
    return text;
}

std::string examples_of(const CLI::App& command)
{
    std::string text;
    for (const auto& [line, meaning] : examples(command))
        text += fmt::format(".TP\n{}\n.nf\n\\fB{}\\fR\n.fi\n", escaped(meaning), escaped(line));
    return text.empty() ? text : ".SH EXAMPLES\n" + text;
}

std::string exit_status(bool runs_program)
{
    struct Row {
        const char* code;
        const char* meaning;
    };
    static constexpr std::array program_rows{
        Row{"0-255", "The program's own; 128+n when it died of signal n."},
        Row{"124", "The time limit ended it."},
        Row{"125", "sbx, the engine or an image failed, or a flag was wrong."},
        Row{"126", "Refused, or not executable."},
        Row{"127", "No such script, command, interpreter or language."},
        Row{"130, 143", "Ctrl-C, SIGTERM."},
        Row{"137", "Killed: the record's reason says oom or killed."},
        Row{"153", "The output limit ended it."},
    };
    static constexpr std::array command_rows{
        Row{"0", "It worked."},          Row{"1", "It failed."},           Row{"2", "Wrong usage."},
        Row{"3", "Not found."},          Row{"4", "Not authorised."},      Row{"5", "Conflict."},
        Row{"6", "Engine unreachable."}, Row{"7", "Quota or queue full."}, Row{"8", "Timed out waiting."},
    };
    std::string text = ".SH EXIT STATUS\n";
    if (runs_program)
        for (const Row& row : program_rows) text += item(row.code, row.meaning);
    else
        for (const Row& row : command_rows) text += item(row.code, row.meaning);
    return text;
}

std::string environment_section()
{
    std::string text = ".SH ENVIRONMENT\n";
    for (const Setting& setting : setting_table())
        text += item(std::string(setting.variable), fmt::format("The setting {}.", setting.key));
    text += item("SBX_IMAGE, SBX_LANG, SBX_JSON, ...", "The flags of run, create, shell and exec, one variable each.");
    text += item("SBX_CONFIG", "Another file of settings, as --config.");
    text += item("SBX_DEBUG", "Tell the calls to the engine and their times on stderr.");
    text += item("NO_COLOR", "No colours.");
    text += item("CI", "Never ask.");
    return text;
}

std::string files_section()
{
    return ".SH FILES\n" +
           item("$XDG_CONFIG_HOME/sbx/config.toml", "The user's settings; ~/.config without the variable.") +
           item("/etc/sbx/config.toml", "Settings of the machine.");
}

std::string see_also(const CLI::App& command)
{
    const CLI::App* root = &command;
    while (root->get_parent()) root = root->get_parent();
    std::vector<std::string> pages;
    if (root != &command) pages.push_back(page_name(*root));
    for (const CLI::App* other : subcommands(*root))
        if (other != &command) pages.push_back(page_name(*other));
    std::string text = ".SH SEE ALSO\n.nh\n";  // a name that is cut in two is not found
    for (const std::string& page : pages)
        text += fmt::format(".BR {} (1){}\n", escaped(page), page == pages.back() ? "" : ",");
    return text;
}

std::string commands_of(const CLI::App& command)
{
    std::string text;
    for (const CLI::App* below : subcommands(command)) text += item(below->get_name(), below->get_description());
    return text;
}

/// The commands below one that has its page: each with its own options.
std::string sections_of_commands(const CLI::App& command)
{
    std::string text = ".SH COMMANDS\n";
    for (const CLI::App* below : subcommands(command)) {
        text += fmt::format(".SS {}\n{}.\n", escaped(usage(*below)), escaped(below->get_description()));
        text += options_of(*below);
    }
    return text;
}

std::string head(const CLI::App& command)
{
    const std::string name = page_name(command);
    return fmt::format(".TH {} 1 \"{}\" \"{} {}\" \"User Commands\"\n.SH NAME\n{} \\- {}\n.SH SYNOPSIS\n\\fB{}\\fR\n",
                       escaped(boost::algorithm::to_upper_copy(name)), version_date(), "sbx", version(), escaped(name),
                       escaped(command.get_description()), escaped(usage(command)));
}

std::string command_page(const CLI::App& command, bool runs_program)
{
    std::string page = head(command);
    if (!subcommands(command).empty()) page += sections_of_commands(command);
    page += ".SH OPTIONS\n" + options_of(command) + examples_of(command) + exit_status(runs_program);
    if (runs_program) page += environment_section() + files_section();
    return page + see_also(command);
}

std::string overview_page(const CLI::App& app)
{
    return head(app) + ".SH COMMANDS\n" + commands_of(app) + ".SH OPTIONS\n" + options_of(app) + examples_of(app) +
           exit_status(false) + environment_section() + files_section() + see_also(app);
}

}  // namespace

std::map<std::string, std::string> man_pages(const CLI::App& app, const Context& context)
{
    std::map<std::string, std::string> pages;
    pages.emplace(context.program + ".1", overview_page(app));
    for (const Command& row : commands()) {
        const CLI::App* command = app.get_subcommand(std::string(row.name));
        pages.emplace(page_name(*command) + ".1", command_page(*command, row.runs_program));
    }
    return pages;
}

}  // namespace sbx::cli
