#include "cli/help_text.hpp"

#include "cli/command_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace sbx::cli {
namespace {

constexpr std::size_t line_width = 100;

/// `left` in its column, `right` beside it or, where `left` is too long, below; wrapped at words.
std::string row(std::string_view left, std::string_view right, std::size_t column)
{
    std::string text = fmt::format("  {}", left);
    const std::string indent(column, ' ');
    if (text.size() + 2 > column)
        text += "\n" + indent;
    else
        text.resize(column, ' ');
    std::size_t used = column;
    std::istringstream rest{std::string(right)};
    for (std::string word; rest >> word; used += word.size() + 1) {
        if (used > column && used + word.size() > line_width) {
            text += "\n" + indent;
            used = column;
        }
        if (used > column) text += ' ';
        text += word;
    }
    return text + "\n";
}

std::string option_sections(const CLI::App& command)
{
    constexpr std::size_t column = 30;
    std::string text;
    for (const auto& [group, options] : option_groups(command)) {
        text += fmt::format("\n{}:\n", group);
        for (const CLI::Option* option : options) text += row(spelling(*option), option->get_description(), column);
    }
    return text;
}

std::string command_section(const CLI::App& command)
{
    constexpr std::size_t column = 16;
    std::string text;
    for (const CLI::App* below : subcommands(command)) text += row(below->get_name(), below->get_description(), column);
    return text.empty() ? text : "\nCommands:\n" + text;
}

std::string example_section(const CLI::App& command)
{
    std::size_t longest = 0;
    std::size_t widest = 0;
    for (const auto& [line, meaning] : examples(command)) {
        longest = std::max(longest, line.size());
        widest = std::max(widest, meaning.size());
    }
    const bool beside = longest + widest + std::string_view("    # ").size() <= line_width;
    std::string text;
    for (const auto& [line, meaning] : examples(command))
        text += beside ? fmt::format("  {:{}}  # {}\n", line, longest, meaning)
                       : fmt::format("  # {}\n  {}\n", meaning, line);
    return text.empty() ? text : "\nExamples:\n" + text;
}

std::string operand_section(const CLI::App& command)
{
    constexpr std::size_t column = 16;
    std::string text;
    for (const CLI::Option* option : command.get_options())
        if (option->get_positional()) text += row(option->get_name(true), option->get_description(), column);
    return text.empty() ? text : "\nOperands:\n" + text;
}

}  // namespace

std::vector<std::pair<std::string, std::vector<const CLI::Option*>>> option_groups(const CLI::App& command)
{
    std::vector<std::pair<std::string, std::vector<const CLI::Option*>>> groups;
    for (const CLI::Option* option : command.get_options()) {
        const std::string& group = option->get_group();
        if (!option->nonpositional() || group.empty()) continue;
        auto found = std::ranges::find(groups, group, [](const auto& entry) { return entry.first; });
        if (found == groups.end()) found = groups.insert(groups.end(), {group, {}});
        found->second.push_back(option);
    }
    // The help flag's group comes first in the declaration and reads best at the end.
    if (groups.size() > 1 && groups.front().first == "Options") std::ranges::rotate(groups, groups.begin() + 1);
    return groups;
}

std::vector<const CLI::App*> subcommands(const CLI::App& command)
{
    return command.get_subcommands([](const CLI::App* below) { return !below->get_group().empty(); });
}

std::string spelling(const CLI::Option& option)
{
    std::vector<std::string> names;
    for (const std::string& name : option.get_snames()) names.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
    const bool takes_value = option.get_items_expected_max() > 0;
    return fmt::format("{}{}", fmt::join(names, ", "), takes_value ? " " + option.get_type_name() : "");
}

std::string usage(const CLI::App& command)
{
    std::string text = full_name(command) + " [FLAGS]";
    if (!subcommands(command).empty()) text += " COMMAND";
    for (const CLI::Option* option : command.get_options()) {
        if (!option->get_positional()) continue;
        const bool many = option->get_items_expected_max() > 1;
        const std::string name = option->get_name(true) + (many ? "..." : "");
        text += option->get_required() ? " " + name : " [" + name + "]";
    }
    return text;
}

std::vector<std::pair<std::string, std::string>> examples(const CLI::App& command)
{
    std::vector<std::pair<std::string, std::string>> found;
    std::istringstream lines(command.get_footer());
    for (std::string line; std::getline(lines, line);) {
        const std::size_t tab = line.find('\t');
        found.emplace_back(line.substr(0, tab), line.substr(tab + 1));
    }
    return found;
}

std::string help_text(const CLI::App& command)
{
    return fmt::format("{}\n\nUsage: {}\n", command.get_description(), usage(command)) + command_section(command) +
           operand_section(command) + option_sections(command) + example_section(command);
}

}  // namespace sbx::cli
