#include "cli/completion.hpp"

#include "cli/help_text.hpp"
#include "cli/sandbox_names.hpp"
#include "cli/template_names.hpp"
#include "core/config/settings.hpp"
#include "core/lang/words.hpp"
#include "sbx/language.hpp"
#include "sbx/own_image.hpp"

#include <fmt/format.h>
#include <boost/algorithm/string/classification.hpp>
#include <boost/algorithm/string/split.hpp>

#include <array>

namespace sbx::cli {
namespace {

template <class Range>
std::vector<std::string> names_of(const Range& range)
{
    std::vector<std::string> names;
    for (const auto& each : range) names.emplace_back(each.name);
    return names;
}

/// Told by the name of a value in the help: `FILE` is a path, `a|b` is one of two words.
Expected expected_for(const std::string& placeholder)
{
    if (placeholder == "LANGUAGE") return {.words = names_of(languages())};
    if (placeholder == "IMAGE") return {.words = names_of(own_images())};
    if (placeholder == "REFERENCE") return {.words = names_of(richer_images())};
    if (placeholder == "FILE|NAME")
        return {.words = names_of(richer_images()), .file = true, .query = template_names_word};
    if (placeholder == "KEY") return {.words = keys(Settings())};
    if (placeholder == "SANDBOX:PATH") return {.query = fmt::format("{} :", sandbox_names_word), .more_follows = true};
    if (placeholder.starts_with("SANDBOX")) return {.query = sandbox_names_word};
    for (const char* path : {"FILE", "DIR", "SRC"})
        if (placeholder.starts_with(path)) return {.file = true};
    if (placeholder.find('|') == std::string::npos) return {};
    Expected expected;
    boost::algorithm::split(expected.words, placeholder, boost::algorithm::is_any_of("|"));
    return expected;
}

void collect(const CLI::App& command, const std::string& path, std::vector<CompletedCommand>& into)
{
    CompletedCommand completed{.path = path};
    for (const CLI::App* below : subcommands(command))
        completed.commands.emplace_back(below->get_name(), below->get_description());
    for (const CLI::Option* option : command.get_options()) {
        if (option->get_positional()) {
            if (!completed.operand.is_known()) completed.operand = expected_for(option->get_name(true));
            continue;
        }
        if (option->get_group().empty()) continue;
        CompletedFlag flag{.meaning = option->get_description()};
        for (const std::string& name : option->get_snames()) flag.names.push_back("-" + name);
        for (const std::string& name : option->get_lnames()) flag.names.push_back("--" + name);
        if (option->get_items_expected_max() > 0) flag.value = expected_for(option->get_type_name());
        completed.flags.push_back(std::move(flag));
    }
    into.push_back(std::move(completed));
    for (const CLI::App* below : subcommands(command))
        collect(*below, path.empty() ? below->get_name() : path + " " + below->get_name(), into);
}

}  // namespace

std::vector<CompletedCommand> completed_commands(const CLI::App& app)
{
    std::vector<CompletedCommand> commands;
    collect(app, "", commands);
    return commands;
}

std::optional<Shell> find_shell(std::string_view name)
{
    constexpr std::array<std::string_view, 4> names{"bash", "zsh", "fish", "powershell"};
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names.at(i) == name) return static_cast<Shell>(i);
    return std::nullopt;
}

}  // namespace sbx::cli
