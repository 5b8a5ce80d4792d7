#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/shared_flags.hpp"
#include "cli/table.hpp"
#include "core/lang/image_choice.hpp"
#include "core/lang/words.hpp"
#include "sbx/language.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace sbx::cli {
namespace {

using nlohmann::ordered_json;

struct ListOptions {
    bool quiet = false;
    Filter filter;
};

struct ShowOptions {
    std::string language;
};

ordered_json describe(const Language& language, const Settings& settings)
{
    const auto configured = settings.images.find(std::string(language.name));
    const ImagePreference preference{.configured = configured == settings.images.end() ? "" : configured->second,
                                     .registry = settings.registry,
                                     .pull = settings.pull};
    ordered_json images = ordered_json::array();
    for (const ImageCandidate& candidate : image_candidates(language, preference))
        images.push_back(candidate.reference);
    return {{"name", language.name},
            {"aliases", words(language.aliases)},
            {"extensions", words(language.extensions)},
            {"interpreters", words(language.interpreters)},
            {"file_name", language.file_name},
            {"compile", words(language.compile)},
            {"run", words(language.run_file)},
            {"version", words(language.version)},
            {"images", std::move(images)}};
}

std::string joined(const ordered_json& value)
{
    return value.is_array() ? fmt::format("{}", fmt::join(value.get<std::vector<std::string>>(), " "))
                            : value.get<std::string>();
}

/// Of a field that holds several words, one has to match.
bool matches(const Filter& filter, const Language& language)
{
    const auto one_of = [&filter](std::string_view key, std::string_view values) {
        const auto all = words(values);
        return filter.matches(key, "") ||
               std::ranges::any_of(all, [&](const auto& word) { return filter.matches(key, word); });
    };
    return filter.matches("language", language.name) && one_of("alias", language.aliases) &&
           one_of("extension", language.extensions);
}

void list(const ListOptions& options, Context& context)
{
    if (const Result<void> valid = options.filter.check(); !valid) return context.report(valid.error());
    const Result<Configuration> configuration = context.configuration();
    if (!configuration) return context.report(configuration.error());
    ordered_json all = ordered_json::array();
    std::vector<std::vector<std::string>> rows{{"LANGUAGE", "ALSO", "EXTENSIONS", "IMAGES, BEST FIRST"}};
    for (const Language& language : languages()) {
        if (!matches(options.filter, language)) continue;
        if (options.quiet && !context.json) context.print(fmt::format("{}\n", language.name));
        const ordered_json described = describe(language, configuration->settings);
        rows.push_back({std::string(language.name), std::string(language.aliases), std::string(language.extensions),
                        joined(described["images"])});
        all.push_back(options.quiet ? described["name"] : described);
    }
    if (context.json) return context.print_json(all);
    if (!options.quiet) context.print(format_table(rows));
}

void show(const ShowOptions& options, Context& context)
{
    const Result<const Language*> language = find_language(options.language);
    if (!language) return context.report(language.error());
    const Result<Configuration> configuration = context.configuration();
    if (!configuration) return context.report(configuration.error());
    const ordered_json described = describe(**language, configuration->settings);
    if (context.json) return context.print_json(described);
    for (const auto& [key, value] : described.items()) context.print(fmt::format("{:<14}{}\n", key, joined(value)));
}

}  // namespace

void build_lang_command(CLI::App& command, Context& context)
{
    command.require_subcommand(1);
    set_examples(command, context, {{"lang ls", "every language with its image"}, {"lang show c++", "one of them"}});

    const auto list_options = std::make_shared<ListOptions>();
    CLI::App* ls = command.add_subcommand("ls", "List the languages");
    add_json_flag(*ls, context);
    add_quiet_flag(*ls, list_options->quiet, "names");
    list_options->filter.add_flag(*ls, {"language", "alias", "extension"});
    add_config_flag(*ls, context);
    set_examples(*ls, context,
                 {{"lang ls", "every language with its image"},
                  {"lang ls -q", "names for a script"},
                  {"lang ls --filter extension=py", "whose files these are"}});
    ls->callback([list_options, &context] { list(*list_options, context); });

    const auto show_options = std::make_shared<ShowOptions>();
    CLI::App* one = command.add_subcommand("show", "Show how code of one language is run");
    one->add_option("LANGUAGE", show_options->language, "Name or alias")->required();
    add_json_flag(*one, context);
    add_config_flag(*one, context);
    set_examples(*one, context, {{"lang show python", "commands, names and images"}});
    one->callback([show_options, &context] { show(*show_options, context); });
}

}  // namespace sbx::cli
