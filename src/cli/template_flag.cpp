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

void fill(std::optional<std::string>& flag, std::string value)
{
    if (!flag && !value.empty()) flag = std::move(value);
}

}  // namespace

void add_template_flag(CLI::App& command, std::string& into)
{
    command
        .add_option(
            "--template", into,
            "Take image, limits and more from a template: its file or name, a Dockerfile, python-data or librechat")
        ->type_name("FILE|NAME")
        ->group("Source");
}

Result<void> apply_template(RunOptions& options, const Context& context)
{
    const Result<Template> from = named_template(options.template_word, context);
    if (!from) return from.error();
    Template said;
    said.language = options.source.language;
    said.image = options.image.value_or("");
    said.directory = options.work_directory;
    said.network = options.network;
    said.allow = options.allow;
    said.libraries = options.libraries.with;
    said.settings = options.settings;
    Template whole = completed(std::move(said), *from);
    fill(options.image, std::move(whole.image));
    options.source.language = std::move(whole.language);
    options.work_directory = std::move(whole.directory);
    options.network = std::move(whole.network);
    options.allow = std::move(whole.allow);
    options.libraries.with = std::move(whole.libraries);
    options.preload = std::move(whole.preload);
    options.dockerfile = std::move(whole.dockerfile);
    options.settings = std::move(whole.settings);
    options.template_variables = std::move(whole.variables);
    std::vector<std::string> labels;
    for (const auto& [key, value] : whole.labels) labels.push_back(fmt::format("{}={}", key, value));
    options.labels.insert(options.labels.begin(), labels.begin(), labels.end());  // the last of a key counts
    options.start = std::move(whole.start);
    return {};
}

Result<void> apply_template(StandbyFlags& flags, const Context& context)
{
    const Result<Template> from = named_template(flags.template_word, context);
    if (!from) return from.error();
    Template said;
    said.language = flags.language;
    said.image = flags.image.value_or("");
    said.libraries = flags.libraries.with;
    said.settings = flags.settings;
    Template whole = completed(std::move(said), *from);
    fill(flags.image, std::move(whole.image));
    flags.language = std::move(whole.language);
    flags.network = std::move(whole.network);
    flags.libraries.with = std::move(whole.libraries);
    flags.preload = std::move(whole.preload);
    flags.dockerfile = std::move(whole.dockerfile);
    flags.settings = std::move(whole.settings);
    return {};
}

}  // namespace sbx::cli
