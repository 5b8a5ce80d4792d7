#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/result_file.hpp"
#include "cli/shared_flags.hpp"
#include "cli/table.hpp"
#include "core/config/settings_file.hpp"

#include <nlohmann/json.hpp>

namespace sbx::cli {
namespace {

using nlohmann::ordered_json;

struct ShowOptions {
    bool origin = false;
};

struct Assignment {
    std::string key;
    std::string value;
};

void show_all(const ShowOptions& options, Context& context)
{
    const Result<Configuration> configuration = context.configuration();
    if (!configuration) return context.report(configuration.error());
    ordered_json all = ordered_json::object();
    std::vector<std::vector<std::string>> rows{{"SETTING", "VALUE"}};
    if (options.origin) rows.front().emplace_back("ORIGIN");
    for (const std::string& key : keys(configuration->settings)) {
        const std::string value = *show(configuration->settings, key);
        rows.push_back({key, value});
        if (options.origin) rows.back().push_back(configuration->origin(key));
        all[key] = options.origin ? ordered_json{{"value", value}, {"origin", configuration->origin(key)}}
                                  : ordered_json(value);
    }
    if (context.json) return context.print_json(all);
    context.print(format_table(rows));
}

void get(const Assignment& options, Context& context)
{
    const Result<Configuration> configuration = context.configuration();
    if (!configuration) return context.report(configuration.error());
    const Result<std::string> value = show(configuration->settings, options.key);
    if (!value) return context.report(value.error());
    if (!context.json) return context.print(*value + "\n");
    const std::string key = canonical_key(options.key);
    context.print_json({{"key", key}, {"value", *value}, {"origin", configuration->origin(key)}});
}

/// The file that `config set` changes.
Result<std::filesystem::path> writable_file(const Context& context)
{
    const SettingSources sources = setting_sources(context.config_file);
    if (!sources.named_file.empty()) return sources.named_file;
    if (!sources.user_file.empty()) return sources.user_file;
    return Error(Errc::invalid_argument, "no home directory to keep settings in", "name a file with --config");
}

std::string literal(const std::string& key, const std::string& value)
{
    for (const Setting& setting : setting_table())
        if (setting.key == key && setting.is_number) return value;
    return toml_string(value);
}

/// The text of the file with the new value, once it is sure that it reads back as meant.
Result<std::string> changed(const std::string& text, const std::filesystem::path& path, const Assignment& assignment)
{
    std::string after = with_setting(text, assignment.key, literal(assignment.key, assignment.value));
    const Result<std::vector<FileValue>> values = parse_settings(after, path.string());
    if (values)
        for (const FileValue& value : *values)
            if (value.key == assignment.key && value.text == assignment.value) return after;
    return Error(Errc::conflict, fmt::format("{}: its layout is too unusual to change safely", path.string()),
                 fmt::format("write {} = {} there by hand", assignment.key, assignment.value));
}

Result<std::filesystem::path> assign(Assignment assignment, const Context& context)
{
    Settings scratch;
    const Result<void> valid = set(scratch, assignment.key, assignment.key, assignment.value);
    if (!valid) return valid.error();
    assignment.key = canonical_key(assignment.key);
    const Result<std::filesystem::path> path = writable_file(context);
    if (!path) return path.error();
    const Result<std::string> before = read_settings_file(*path);
    if (!before && before.error().code != Errc::not_found) return before.error();
    if (before)
        if (const auto parsed = parse_settings(*before, path->string()); !parsed) return parsed.error();
    const Result<std::string> after = changed(before ? *before : "", *path, assignment);
    if (!after) return after.error();
    const Result<void> written = write_result_file(*path, *after);
    if (!written) return written.error();
    return *path;
}

void set_one(const Assignment& assignment, Context& context)
{
    const Result<std::filesystem::path> path = assign(assignment, context);
    if (!path) return context.report(path.error());
    if (context.json)
        context.print_json(
            {{"key", canonical_key(assignment.key)}, {"value", assignment.value}, {"file", path->string()}});
}

void paths(Context& context)
{
    const SettingSources sources = setting_sources(context.config_file);
    ordered_json all = ordered_json::array();
    for (const auto& path : {sources.named_file, sources.user_file, sources.system_file}) {
        if (path.empty()) continue;
        std::error_code ec;
        const bool exists = std::filesystem::exists(path, ec);
        all.push_back({{"path", path.string()}, {"exists", exists}});
        if (!context.json) context.print(fmt::format("{}{}\n", path.string(), exists ? "" : "  (absent)"));
    }
    if (context.json) context.print_json(all);
}

}  // namespace

void build_config_command(CLI::App& command, Context& context)
{
    command.require_subcommand(1);
    set_examples(command, context,
                 {{"config show --origin", "every setting and who set it"},
                  {"config set limits.memory 1g", "give every run 1 GiB"},
                  {"config set images.python python:3.13-slim", "use another image"}});

    const auto show_options = std::make_shared<ShowOptions>();
    CLI::App* show_command = command.add_subcommand("show", "Show every setting");
    show_command->add_flag("--origin", show_options->origin, "Say where each value was set");
    set_examples(*show_command, context, {{"config show --origin", "every setting and who set it"}});
    show_command->callback([show_options, &context] { show_all(*show_options, context); });

    const auto assignment = std::make_shared<Assignment>();
    CLI::App* get_command = command.add_subcommand("get", "Print one setting");
    get_command->add_option("KEY", assignment->key, "Its name, as `config show` has it")->required();
    set_examples(*get_command, context, {{"config get limits.timeout", "the time limit of a run"}});
    get_command->callback([assignment, &context] { get(*assignment, context); });

    CLI::App* set_command = command.add_subcommand("set", "Change one setting in the user's file");
    set_command->add_option("KEY", assignment->key, "Its name, as `config show` has it")->required();
    set_command->add_option("VALUE", assignment->value, "What the flag of that name would take")->required();
    set_examples(*set_command, context, {{"config set limits.timeout 30s", "end runs after half a minute"}});
    set_command->callback([assignment, &context] { set_one(*assignment, context); });

    CLI::App* path_command = command.add_subcommand("path", "Print the files that settings come from, strongest first");
    set_examples(*path_command, context, {{"config path", "which files are read"}});
    path_command->callback([&context] { paths(context); });

    for (CLI::App* below : {show_command, get_command, set_command, path_command}) {
        add_json_flag(*below, context);
        add_config_flag(*below, context);
    }
}

}  // namespace sbx::cli
