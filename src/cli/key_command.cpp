#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/remote.hpp"
#include "cli/remote_keys.hpp"
#include "cli/shared_flags.hpp"
#include "cli/table.hpp"
#include "core/sandbox/sandbox_record.hpp"
#include "core/store/key_table.hpp"
#include "core/store/store_file.hpp"

#include <fmt/chrono.h>
#include <nlohmann/json.hpp>

#include <unistd.h>

namespace sbx::cli {
namespace {

using nlohmann::ordered_json;

struct CreateOptions {
    std::string name;
    std::optional<std::uint32_t> max_sandboxes;
    std::optional<std::uint32_t> max_concurrent;
};

struct ListOptions {
    bool quiet = false;
};

struct RevokeOptions {
    std::string key;
};

Result<std::filesystem::path> path_of_store(const Context& context)
{
    const std::filesystem::path state = directories(context.environment, ::geteuid()).state;
    if (state.empty()) return Error(Errc::unavailable, "there is no state directory to keep keys in", "set HOME");
    return store_path(state);
}

/// The store of this user's daemon, which may be running. One that is damaged is left to the daemon.
Result<Database> open_store(const Context& context)
{
    const Result<std::filesystem::path> path = path_of_store(context);
    if (!path) return path.error();
    Result<StoreFile> file = open_store_file(*path, Unsound::refuse, 0);
    if (!file) return file.error();
    return std::move(file->database);
}

template <class T>
ordered_json value_or_null(const std::optional<T>& value)
{
    return value ? ordered_json(*value) : ordered_json();
}

ordered_json time_or_null(const std::optional<std::chrono::milliseconds>& time)
{
    return time ? ordered_json(time->count()) : ordered_json();
}

ordered_json describe(const ApiKey& key)
{
    return {{"id", key.id},
            {"name", key.name.empty() ? ordered_json() : ordered_json(key.name)},
            {"max_sandboxes", value_or_null(key.quota.max_sandboxes)},
            {"max_concurrent", value_or_null(key.quota.max_concurrent)},
            {"created_ms", key.created.count()},
            {"last_used_ms", time_or_null(key.last_used)},
            {"revoked_ms", time_or_null(key.revoked)}};
}

std::string minute(const std::optional<std::chrono::milliseconds>& time)
{
    if (!time) return "-";
    const auto seconds = std::chrono::floor<std::chrono::seconds>(*time);
    return fmt::format("{:%Y-%m-%d %H:%M}", fmt::gmtime(static_cast<std::time_t>(seconds.count())));
}

// In the store of this user's daemon, or by a daemon that was named.

Result<NewApiKey> create_key(const CreateOptions& options, const Context& context)
{
    const KeyQuota quota{.max_sandboxes = options.max_sandboxes, .max_concurrent = options.max_concurrent};
    if (daemon_host(context)) return create_remote_key(context, options.name, quota);
    Result<Database> store = open_store(context);
    if (!store) return store.error();
    return KeyTable(*store).create(options.name, quota, record_time());
}

/// A look makes no store.
Result<std::vector<ApiKey>> list_keys(const Context& context)
{
    if (daemon_host(context)) return list_remote_keys(context);
    const Result<std::filesystem::path> path = path_of_store(context);
    if (!path) return path.error();
    std::error_code ec;
    if (std::filesystem::symlink_status(*path, ec).type() == std::filesystem::file_type::not_found)
        return std::vector<ApiKey>();
    Result<Database> store = open_store(context);
    if (!store) return store.error();
    return KeyTable(*store).list();
}

Result<ApiKey> revoke_key(const std::string& id_or_name, const Context& context)
{
    if (daemon_host(context)) return revoke_remote_key(context, id_or_name);
    Result<Database> store = open_store(context);
    if (!store) return store.error();
    return KeyTable(*store).revoke(id_or_name, record_time());
}

void create(const CreateOptions& options, Context& context)
{
    const Result<NewApiKey> made = create_key(options, context);
    if (!made) return context.report(made.error());
    if (context.json) {
        ordered_json described = describe(made->key);
        described["secret"] = made->secret;
        return context.print_json(described);
    }
    context.print(made->secret + "\n");
    context.say(fmt::format("{}: this is key {}, shown this once; clients send it as 'Authorization: Bearer …'",
                            context.program, made->key.id));
}

void ls(const ListOptions& options, Context& context)
{
    const Result<std::vector<ApiKey>> keys = list_keys(context);
    if (!keys) return context.report(keys.error());
    ordered_json list = ordered_json::array();
    std::vector<std::vector<std::string>> rows{{"KEY", "NAME", "CREATED (UTC)", "LAST USED", "REVOKED"}};
    for (const ApiKey& key : *keys) {
        if (options.quiet && key.revoked) continue;
        if (options.quiet && !context.json) context.print(key.id + "\n");
        list.push_back(options.quiet ? ordered_json(key.id) : describe(key));
        rows.push_back({key.id, key.name, minute(key.created), minute(key.last_used), minute(key.revoked)});
    }
    if (context.json) return context.print_json(list);
    if (!options.quiet) context.print(format_table(rows));
}

void revoke(const RevokeOptions& options, Context& context)
{
    const Result<ApiKey> revoked = revoke_key(options.key, context);
    if (!revoked) return context.report(revoked.error());
    if (context.json) return context.print_json(describe(*revoked));
    context.print(revoked->id + "\n");
}

void add_create(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<CreateOptions>();
    CLI::App* one = command.add_subcommand("create", "Make a key and print its secret, this once");
    one->add_option("--name", options->name, "What it is called: letters, digits, '.', '_', '-'")->type_name("NAME");
    one->add_option("--max-sandboxes", options->max_sandboxes, "Sandboxes that it may have")->type_name("N");
    one->add_option("--max-concurrent", options->max_concurrent, "One-off executions that it may have at a time")
        ->type_name("N");
    add_json_flag(*one, context);
    set_examples(*one, context,
                 {{"key create --name ci > ci.key", "a secret for the CI, in a file"},
                  {"key create --max-sandboxes 4", "one that may have four sandboxes"}});
    one->callback([options, &context] { create(*options, context); });
}

void add_ls(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<ListOptions>();
    CLI::App* one = command.add_subcommand("ls", "List the keys, without their secrets");
    add_json_flag(*one, context);
    add_quiet_flag(*one, options->quiet, "ids of keys that count");
    set_examples(*one, context, {{"key ls", "every key, and when it was used last"}});
    one->callback([options, &context] { ls(*options, context); });
}

void add_revoke(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<RevokeOptions>();
    CLI::App* one = command.add_subcommand("revoke", "Let a key open nothing any more");
    one->add_option("ID", options->key, "Id of the key, or its name")->required();
    add_json_flag(*one, context);
    set_examples(*one, context, {{"key revoke 1a2b3c4d", "by its id"}, {"key revoke ci", "by its name"}});
    one->callback([options, &context] { revoke(*options, context); });
}

}  // namespace

void build_key_command(CLI::App& command, Context& context)
{
    command.require_subcommand(1);
    set_examples(command, context,
                 {{"key create --name ci", "make a key for the daemon's API"},
                  {"key ls", "every key, without its secret"},
                  {"key revoke ci", "let it open nothing any more"}});
    add_create(command, context);
    add_ls(command, context);
    add_revoke(command, context);
}

}  // namespace sbx::cli
