#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/progress.hpp"
#include "cli/shared_flags.hpp"
#include "cli/table.hpp"
#include "cli/with_engine.hpp"
#include "core/libraries/archive_check.hpp"
#include "core/libraries/bundle.hpp"
#include "core/libraries/install.hpp"
#include "core/libraries/library_store.hpp"
#include "core/libraries/removal.hpp"
#include "core/temporary_file.hpp"
#include "sbx/quantity.hpp"

#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <unistd.h>

#include <algorithm>

namespace sbx::cli {
namespace {

using nlohmann::ordered_json;
using Sets = std::vector<LibrarySet>;

constexpr std::size_t shown_digits = 12;

struct Options {
    std::vector<std::string> sets;  ///< beginnings of keys
    std::string file;
    std::string older_than = "30d";
    bool all = false;
    bool quiet = false;
};

LibraryStore store_of(const Context& context, const OpenEngine& open)
{
    return {directories(context.environment, ::getuid()).cache, open.endpoint};
}

std::string words_of(const LibrarySet& set)
{
    std::vector<std::string> words = set.requirements;
    words.insert(words.end(), set.files.begin(), set.files.end());
    return fmt::format("{}", fmt::join(words, " "));
}

std::chrono::hours unused_for(const LibraryStore& store, const LibrarySet& set)
{
    return std::chrono::floor<std::chrono::hours>(std::chrono::system_clock::now() - store.last_used(set));
}

void print_sets(const LibraryStore& store, const Sets& sets, const Options& options, Context& context)
{
    ordered_json list = ordered_json::array();
    std::vector<std::vector<std::string>> rows{{"SET", "LANGUAGE", "IMAGE", "SIZE", "UNUSED FOR", "LIBRARIES"}};
    for (const LibrarySet& set : sets) {
        if (options.quiet && !context.json) context.print(set.key + "\n");
        list.push_back({{"key", set.key},
                        {"language", set.language},
                        {"requirements", set.requirements},
                        {"files", set.files},
                        {"image", set.image_name},
                        {"image_digest", set.image},
                        {"volume", set.volume},
                        {"bytes", set.bytes},
                        {"installed_ms", set.installed.count()}});
        rows.push_back({set.key.substr(0, shown_digits), set.language, set.image_name, human_size(set.bytes),
                        fmt::format("{}h", unused_for(store, set).count()), words_of(set)});
    }
    if (context.json) return context.print_json(list);
    if (!options.quiet) context.print(format_table(rows));
}

/// Those that the words mean, or all where there are none.
/// @error not_found  a word means none
Result<Sets> named_sets(const Sets& all, const std::vector<std::string>& words)
{
    if (words.empty()) return all;
    Sets named;
    for (const std::string& word : words) {
        const std::size_t before = named.size();
        std::ranges::copy_if(all, std::back_inserter(named),
                             [&](const LibrarySet& set) { return !word.empty() && set.key.starts_with(word); });
        if (named.size() == before)
            return Error(Errc::not_found, fmt::format("no set of libraries: {}", word), "sbx cache ls");
    }
    return named;
}

/// What a command does with the sets of the configured engine.
using Work = std::function<asio::awaitable<Result<Sets>>(const OpenEngine& open, const LibraryStore& store)>;

void with_store(const Options& options, Context& context, const Work& work)
{
    const Result<Configuration> configuration = context.configuration();
    if (!configuration) return context.report(configuration.error());
    std::optional<LibraryStore> store;
    const auto begin = [&](const OpenEngine& open) {
        store = store_of(context, open);
        return work(open, *store);
    };
    const Result<Sets> sets = with_engine(context, configuration->settings, begin);
    if (!sets) return context.report(sets.error());
    print_sets(*store, *sets, options, context);
}

// ---- ls

/// Without those whose volume somebody removed.
asio::awaitable<Result<Sets>> whole_sets(const OpenEngine& open, const LibraryStore& store)
{
    const auto volumes = co_await open.engine->volumes(library_label);
    if (!volumes) co_return volumes.error();
    Sets whole;
    for (LibrarySet& set : store.list())
        if (std::ranges::any_of(*volumes, [&](const VolumeInfo& volume) {
                return volume.name == set.volume && volume.created == set.volume_created;
            }))
            whole.push_back(std::move(set));
    co_return whole;
}

void ls(const Options& options, Context& context)
{
    with_store(options, context, whole_sets);
}

// ---- prune

/// @param named  each was asked for
/// @return those that are gone
/// @error conflict  a sandbox still uses one that was asked for; others of that kind just stay
asio::awaitable<Result<Sets>> remove_sets(const OpenEngine& open, const LibraryStore& store, Sets sets, bool named)
{
    Sets removed;
    for (const LibrarySet& set : sets) {
        const Result<bool> gone = co_await remove_set(*open.engine, store, set);
        if (!gone) co_return gone.error();
        if (!*gone && named)
            co_return Error(Errc::conflict, fmt::format("a sandbox uses {}", set.key.substr(0, shown_digits)),
                            "sbx ps");
        if (*gone) removed.push_back(set);
    }
    co_return removed;
}

void prune(const Options& options, Context& context)
{
    const Result<std::optional<std::chrono::milliseconds>> age = parse_duration("--older-than", options.older_than);
    if (!age) return context.report(age.error());
    const Work work = [&](const OpenEngine& open, const LibraryStore& store) -> asio::awaitable<Result<Sets>> {
        Result<Sets> chosen = named_sets(store.list(), options.sets);
        if (!chosen) co_return chosen.error();
        const bool by_age = !options.all && options.sets.empty();
        if (by_age)
            std::erase_if(*chosen, [&](const LibrarySet& set) { return !*age || unused_for(store, set) < **age; });
        if (!chosen->empty() && !context.assume_yes && context.can_ask() && !by_age) {
            const Result<bool> agreed = context.confirm(fmt::format("Remove {} sets of libraries?", chosen->size()));
            if (!agreed) co_return agreed.error();
            if (!*agreed) co_return Sets();
        }
        Result<Sets> removed = co_await remove_sets(open, store, std::move(*chosen), !options.sets.empty());
        co_await remove_leftovers(*open.engine, store);
        co_return removed;
    };
    with_store(options, context, work);
}

// ---- export, import

/// Any image of the engine serves to reach a volume through.
asio::awaitable<Result<std::string>> some_image(const OpenEngine& open, std::string preferred)
{
    const Result<ImageInfo> known = co_await open.engine->image(preferred);
    if (known) co_return known->id;
    const Result<std::vector<ImageInfo>> all = co_await open.engine->images();
    if (!all) co_return all.error();
    if (!all->empty()) co_return all->front().id;
    co_return Error(Errc::image_unavailable, "the engine has no image at all", "sbx image build");
}

asio::awaitable<Result<Sets>> export_sets(const OpenEngine& open, const LibraryStore& store, Sets sets,
                                          std::string file)
{
    BundleWriter bundle(file);
    for (const LibrarySet& set : sets) {
        Result<std::filesystem::path> path = store.new_archive();
        if (!path) co_return path.error();
        const TemporaryFile content(std::move(*path));
        const Result<std::string> image = co_await some_image(open, set.image);
        if (!image) co_return image.error();
        const Result<void> out = co_await open.engine->export_volume(set.volume, content.path, *image);
        if (!out) co_return out.error();
        if (const Result<void> added = bundle.add(set, content.path); !added) co_return added.error();
    }
    if (const Result<void> finished = bundle.finish(); !finished) co_return finished.error();
    co_return sets;
}

void export_to(const Options& options, Context& context)
{
    const Work work = [&](const OpenEngine& open, const LibraryStore& store) -> asio::awaitable<Result<Sets>> {
        const Result<Sets> whole = co_await whole_sets(open, store);
        if (!whole) co_return whole.error();
        Result<Sets> chosen = named_sets(*whole, options.sets);
        if (!chosen) co_return chosen.error();
        if (chosen->empty()) co_return Error(Errc::not_found, "no libraries are installed", "sbx run --with LIBRARY …");
        co_return co_await export_sets(open, store, std::move(*chosen), options.file);
    };
    with_store(options, context, work);
}

/// One set of a bundle, unless it is installed already.
asio::awaitable<Result<void>> import_set(const OpenEngine& open, const LibraryStore& store, LibrarySet& set,
                                         std::filesystem::path content)
{
    const Result<FileLock> lock = co_await store.lock(set.key, std::chrono::minutes(1));
    if (!lock) co_return lock.error();
    if (const auto known = store.find(set.key)) {
        const Result<VolumeInfo> volume = co_await open.engine->volume(known->volume);
        if (volume && volume->created == known->volume_created) {
            set = *known;
            co_return Result<void>();
        }
    }
    const Result<std::string> owner = store.owner();
    if (!owner) co_return owner.error();
    const Result<std::string> image = co_await some_image(open, set.image);
    if (!image) co_return image.error();
    if (const Result<void> sound = check_archive(content); !sound) co_return sound.error();
    set.volume = new_library_volume(set.key);
    const auto labels = library_labels(set.key, *owner);
    const Result<VolumeInfo> made = co_await open.engine->import_volume(set.volume, labels, content, *image);
    if (!made) co_return made.error();
    set.volume_created = made->created;
    co_return store.add(set);
}

void import_from(const Options& options, Context& context)
{
    const Work work = [&](const OpenEngine& open, const LibraryStore& store) -> asio::awaitable<Result<Sets>> {
        BundleReader bundle(options.file);
        Sets imported;
        for (;;) {
            Result<std::filesystem::path> path = store.new_archive();
            if (!path) co_return path.error();
            const TemporaryFile content(std::move(*path));
            Result<std::optional<LibrarySet>> set = bundle.next(content.path);
            if (!set) co_return set.error();
            if (!*set) co_return imported;
            const Result<void> done = co_await import_set(open, store, **set, content.path);
            if (!done) co_return done.error();
            const Result<ImageInfo> image = co_await open.engine->image((*set)->image);
            if (!image && !options.quiet)
                context.say(fmt::format("{}: {} is for the image {}, which is not here: docker save {} | docker load",
                                        context.program, (*set)->key.substr(0, shown_digits), (*set)->image_name,
                                        (*set)->image_name));
            imported.push_back(std::move(**set));
        }
    };
    with_store(options, context, work);
}

// ---- the words

using Action = void (*)(const Options& options, Context& context);

CLI::App& add(CLI::App& command, const char* name, const char* summary, const std::shared_ptr<Options>& options,
              Action action, Context& context)
{
    CLI::App* one = command.add_subcommand(name, summary);
    add_quiet_flag(*one, options->quiet, "keys");
    add_json_flag(*one, context);
    add_config_flag(*one, context);
    one->callback([options, action, &context] { action(*options, context); });
    return *one;
}

void add_sets(CLI::App& command, Options& options, const std::string& meaning)
{
    command.add_option("SET", options.sets, meaning)->expected(0, CLI::detail::expected_max_vector_size);
}

}  // namespace

void build_cache_command(CLI::App& command, Context& context)
{
    command.require_subcommand(1);
    set_examples(command, context,
                 {{"cache ls", "sets of libraries that runs share"},
                  {"cache prune --older-than 7d", "remove those that nobody used for a week"},
                  {"cache export libraries.tar", "all of them in a file"},
                  {"cache import libraries.tar", "on a machine without a network"}});
    add(command, "ls", "List the installed sets of libraries", std::make_shared<Options>(), ls, context);

    auto options = std::make_shared<Options>();
    CLI::App& pruning = add(command, "prune", "Remove sets of libraries", options, prune, context);
    add_sets(pruning, *options, "Keys, or beginnings of keys; none: by age");
    pruning.add_option("--older-than", options->older_than, "Those unused for so long: 12h, 30d (default)")
        ->type_name("TIME");
    pruning.add_flag("-a,--all", options->all, "All of them");
    add_yes_flags(pruning, context);

    options = std::make_shared<Options>();
    CLI::App& exporting = add(command, "export", "Write sets of libraries to a file", options, export_to, context);
    exporting.add_option("FILE", options->file, "File to write")->required();
    add_sets(exporting, *options, "Keys, or beginnings of keys; none: all");

    options = std::make_shared<Options>();
    CLI::App& importing = add(command, "import", "Take sets of libraries from a file", options, import_from, context);
    importing.add_option("FILE", options->file, "File that `cache export` wrote")->required();
}

}  // namespace sbx::cli
