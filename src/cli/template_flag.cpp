#include "cli/template_flag.hpp"

#include "core/config/template.hpp"

#include <unistd.h>

namespace sbx::cli {
namespace {

/// An empty template when none is named.
Result<Template> named_template(const std::string& word, const Context& context)
{
    if (word.empty()) return Template();
    return read_template(word, template_folders(directories(context.environment, ::geteuid()).config));
}

void fill(std::string& flag, const std::string& value)
{
    if (flag.empty()) flag = value;
}

void fill(std::optional<std::string>& flag, const std::string& value)
{
    if (!flag && !value.empty()) flag = value;
}

}  // namespace

void add_template_flag(CLI::App& command, std::string& into)
{
    command
        .add_option("--template", into,
                    "Take image, limits and more from a template: its file or name, a Dockerfile, or python-data")
        ->type_name("FILE|NAME")
        ->group("Source");
}

Result<void> apply_template(RunOptions& options, const CLI::App& command, const Context& context)
{
    const Result<Template> from = named_template(options.template_word, context);
    if (!from) return from.error();
    fill(options.image, from->image);
    fill(options.source.language, from->language);
    fill(options.work_directory, from->directory);
    if (command.count("--net") == 0 && options.allow.empty()) {
        options.network = from->network;
        options.allow = from->allow;
    }
    options.libraries.with.insert(options.libraries.with.begin(), from->libraries.begin(), from->libraries.end());
    options.preload = from->preload;
    if (!options.image) options.dockerfile = from->dockerfile;
    options.settings.insert(from->settings.begin(), from->settings.end());
    options.template_variables = from->variables;
    std::vector<std::string> labels;
    for (const auto& [key, value] : from->labels) labels.push_back(fmt::format("{}={}", key, value));
    options.labels.insert(options.labels.begin(), labels.begin(), labels.end());  // the last of a key counts
    options.start = from->start;
    return {};
}

Result<void> apply_template(StandbyFlags& flags, const Context& context)
{
    const Result<Template> from = named_template(flags.template_word, context);
    if (!from) return from.error();
    fill(flags.image, from->image);
    fill(flags.language, from->language);
    flags.network = from->network;
    flags.libraries.with.insert(flags.libraries.with.begin(), from->libraries.begin(), from->libraries.end());
    flags.preload = from->preload;
    if (!flags.image) flags.dockerfile = from->dockerfile;
    flags.settings.insert(from->settings.begin(), from->settings.end());
    return {};
}

}  // namespace sbx::cli
