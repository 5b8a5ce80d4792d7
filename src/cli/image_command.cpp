#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/progress.hpp"
#include "cli/shared_flags.hpp"
#include "cli/table.hpp"
#include "cli/with_engine.hpp"
#include "core/config/image_preference.hpp"
#include "core/docker/tar.hpp"
#include "core/with_timeout.hpp"
#include "sbx/own_image.hpp"
#include "sbx/quantity.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <deque>
#include <optional>

namespace sbx::cli {
namespace {

using nlohmann::ordered_json;

struct Options {
    std::vector<std::string> names;
    bool all = false;
    bool quiet = false;
    Filter filter;
};

/// An image that a language would run in.
struct LocalImage {
    std::string_view language;
    std::string reference;
    ImageInfo info;
};

/// What a word on the command line means: an image of ours, or any image by its reference.
struct Target {
    std::optional<OwnImage> own;
    std::string reference;  ///< empty for one of ours
};

Result<std::vector<Target>> chosen_targets(const Options& options, bool references)
{
    std::vector<Target> chosen;
    if (options.all)
        for (const Language& language : languages()) chosen.push_back({OwnImage{language.name, language.name}, ""});
    for (const std::string& name : options.names) {
        const Result<OwnImage> own = find_own_image(name);
        const bool is_reference = name.find_first_of("/:.@") != std::string::npos;
        if (!own && (!references || !is_reference)) return own.error();
        chosen.push_back(own ? Target{*own, ""} : Target{std::nullopt, name});
    }
    if (chosen.empty()) return Error(Errc::invalid_argument, "which image?", "name a language, or say --all");
    return chosen;
}

/// Where it can come from, best first.
std::vector<ImageCandidate> candidates_of(const OwnImage& own, const Settings& settings)
{
    const Language& language = **find_language(own.language);
    ImagePreference preference = image_preference(language, settings);
    if (find_richer_image(own.name)) preference.configured = own.name;
    return image_candidates(language, preference);
}

asio::awaitable<Result<std::vector<LocalImage>>> find_local(Engine& engine, Settings settings)
{
    std::vector<LocalImage> found;
    for (const OwnImage& own : own_images()) {
        for (const ImageCandidate& candidate : candidates_of(own, settings)) {
            // Where the settings name a richer image for its language, it would come twice.
            const auto is_same = [&](const LocalImage& image) {
                return image.language == own.language && image.reference == candidate.reference;
            };
            if (std::ranges::any_of(found, is_same)) continue;
            Result<ImageInfo> info = co_await engine.image(candidate.reference);
            if (!info && info.error().code != Errc::not_found) co_return info.error();
            if (info) found.push_back({own.language, candidate.reference, std::move(*info)});
        }
    }
    co_return found;
}

void list(const Options& options, Context& context)
{
    if (const Result<void> valid = options.filter.check(); !valid) return context.report(valid.error());
    const Result<Configuration> configuration = context.configuration();
    if (!configuration) return context.report(configuration.error());
    const auto find = [&](const OpenEngine& open) { return find_local(*open.engine, configuration->settings); };
    const Result<std::vector<LocalImage>> images = with_engine(context, configuration->settings, find);
    if (!images) return context.report(images.error());

    ordered_json all = ordered_json::array();
    std::vector<std::vector<std::string>> rows{{"LANGUAGE", "IMAGE", "ID", "ARCHITECTURE", "SIZE"}};
    for (const LocalImage& image : *images) {
        if (!options.filter.matches("language", image.language)) continue;
        if (!options.filter.matches("image", image.reference)) continue;
        if (options.quiet && !context.json) context.print(image.reference + "\n");
        const std::string id = image.info.id.substr(image.info.id.find(':') + 1, 12);
        rows.push_back({std::string(image.language), image.reference, id, image.info.architecture,
                        human_size(image.info.size_bytes)});
        const ordered_json entry = {{"language", image.language},
                                    {"image", image.reference},
                                    {"id", image.info.id},
                                    {"architecture", image.info.architecture},
                                    {"size_bytes", image.info.size_bytes}};
        all.push_back(options.quiet ? entry["image"] : entry);
    }
    if (context.json) return context.print_json(all);
    if (!options.quiet) context.print(format_table(rows));
}

/// The last words of a build, for when it fails.
class BuildLog {
   public:
    explicit BuildLog(ProgressSink next) : next_(std::move(next)) {}

    void add(const Progress& progress)
    {
        constexpr std::size_t kept = 20;
        const std::string line = progress_text(progress);
        if (!line.empty()) lines_.push_back(line);
        if (lines_.size() > kept) lines_.pop_front();
        next_(progress);
    }

    void print(Context& context) const
    {
        for (const std::string& line : lines_) context.say("  " + line);
    }

   private:
    ProgressSink next_;
    std::deque<std::string> lines_;
};

asio::awaitable<Result<ImageInfo>> build_one(Engine& engine, Target target, Settings, ProgressSink progress)
{
    std::vector<docker::TarEntry> entries;
    for (ImageFile& file : image_files(target.own->name))
        entries.push_back({.path = std::string(file.name), .bytes = std::move(file.content)});
    Result<std::string> tar = docker::write_tar(entries);
    if (!tar) co_return tar.error();
    const std::string tag = local_image(target.own->name);
    std::map<std::string, std::string> arguments;
    const Result<void> built = co_await engine.build(std::move(*tar), tag, std::move(arguments), std::move(progress));
    if (!built) co_return built.error();
    Result<ImageInfo> image = co_await engine.image(tag);
    if (image) image->tags.assign(1, tag);  // among its names the one that was asked for
    co_return image;
}

/// A pull from where the settings say: never our own local name.
asio::awaitable<Result<ImageInfo>> pull_one(Engine& engine, Target target, Settings settings, ProgressSink progress)
{
    std::vector<ImageCandidate> candidates(1);
    candidates.front().reference = target.reference;
    if (target.own) candidates = candidates_of(*target.own, settings);
    Error last;
    std::vector<std::string> failures;
    for (const ImageCandidate& candidate : candidates) {
        if (candidate.pull == PullPolicy::never) continue;
        auto pulling = engine.prepare(candidate.reference, PullPolicy::always, progress);
        Result<ImageInfo> pulled = co_await with_timeout(std::move(pulling), settings.pull_timeout);
        if (pulled || pulled.error().code != Errc::image_unavailable) co_return pulled;
        last = pulled.error();
        failures.push_back(last.message);
    }
    if (failures.empty()) failures.push_back(fmt::format("no registry is known for {}", target.own->name));
    const std::string hint = target.own ? fmt::format("sbx image build {}", target.own->name) : last.hint;
    co_return Error(Errc::image_unavailable, fmt::format("{}", fmt::join(failures, "; ")), hint);
}

using Work = asio::awaitable<Result<ImageInfo>> (*)(Engine& engine, Target target, Settings settings,
                                                    ProgressSink progress);

/// Does one thing for each target; stops at the first failure.
void for_each_target(const std::vector<Target>& targets, const Options& options, Context& context, Work each,
                     bool shows_log)
{
    const Result<Configuration> configuration = context.configuration();
    if (!configuration) return context.report(configuration.error());
    ordered_json all = ordered_json::array();
    for (const Target& target : targets) {
        ProgressLine line(context, options.quiet);
        BuildLog log(line.sink());
        const ProgressSink sink = [&log](const Progress& progress) { log.add(progress); };
        const auto work = [&](const OpenEngine& open) {
            return each(*open.engine, target, configuration->settings, sink);
        };
        const Result<ImageInfo> image = with_engine(context, configuration->settings, work);
        line.clear();
        if (!image) {
            if (shows_log && !context.json) log.print(context);
            return context.report(image.error());
        }
        const std::string reference = image->tags.empty() ? image->id : image->tags.front();
        all.push_back({{"image", reference}, {"id", image->id}});
        if (!context.json) context.print(reference + "\n");
    }
    if (context.json) context.print_json(all);
}

void build(const Options& options, Context& context)
{
    const Result<std::vector<Target>> targets = chosen_targets(options, false);
    if (!targets) return context.report(targets.error());
    for_each_target(*targets, options, context, build_one, true);
}

void pull(const Options& options, Context& context)
{
    const Result<std::vector<Target>> targets = chosen_targets(options, true);
    if (!targets) return context.report(targets.error());
    for_each_target(*targets, options, context, pull_one, false);
}

asio::awaitable<Result<std::vector<std::string>>> remove_all(Engine& engine, std::vector<std::string> references)
{
    for (const std::string& reference : references) {
        const Result<void> removed = co_await engine.remove_image(reference);
        if (!removed) co_return removed.error();
    }
    co_return references;
}

void remove(const Options& options, Context& context)
{
    const Result<Configuration> configuration = context.configuration();
    if (!configuration) return context.report(configuration.error());
    std::vector<std::string> references;
    for (const std::string& name : options.names) {
        const Result<OwnImage> own = find_own_image(name);
        references.push_back(own ? local_image(own->name) : name);
    }
    const auto work = [&](const OpenEngine& open) { return remove_all(*open.engine, references); };
    const Result<std::vector<std::string>> removed = with_engine(context, configuration->settings, work);
    if (!removed) return context.report(removed.error());
    if (context.json) return context.print_json(*removed);
    for (const std::string& reference : *removed) context.print(reference + "\n");
}

void add_ls(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<Options>();
    CLI::App* ls = command.add_subcommand("ls", "List the local images that languages run in, best first");
    add_quiet_flag(*ls, options->quiet, "references");
    options->filter.add_flag(*ls, {"language", "image"});
    set_examples(*ls, context,
                 {{"image ls", "every usable image"}, {"image ls -q --filter language=python", "those of Python"}});
    ls->callback([options, &context] { list(*options, context); });
}

void add_build(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<Options>();
    CLI::App* one = command.add_subcommand("build", "Build images of our own");
    one->add_option("IMAGE", options->names, "A language, python-data or librechat; several may be given");
    one->add_flag("--all", options->all, "Every language; others only where they are named");
    one->add_flag("-q,--quiet", options->quiet, "No progress");
    set_examples(*one, context,
                 {{"image build python", "sbx/python"},
                  {"image build --all", "every language's"},
                  {"image build python-data", "Python with NumPy, pandas, Matplotlib, IPython and more"}});
    one->callback([options, &context] { build(*options, context); });
}

void add_pull(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<Options>();
    CLI::App* one = command.add_subcommand("pull", "Pull images from a registry");
    one->add_option("IMAGE", options->names,
                    "A language, python-data, librechat, or a reference; several may be given");
    one->add_flag("--all", options->all, "Every language");
    one->add_flag("-q,--quiet", options->quiet, "No progress");
    set_examples(*one, context, {{"image pull python c++", "so that the first run does not wait for it"}});
    one->callback([options, &context] { pull(*options, context); });
}

void add_rm(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<Options>();
    CLI::App* rm = command.add_subcommand("rm", "Remove images");
    rm->add_option("IMAGE", options->names,
                   "A language, python-data or librechat, for our own image of it, or a reference")
        ->required();
    add_yes_flags(*rm, context);
    set_examples(*rm, context, {{"image rm python", "our image of Python"}, {"image rm node:22-slim", "another one"}});
    rm->callback([options, &context] { remove(*options, context); });
}

}  // namespace

void build_image_command(CLI::App& command, Context& context)
{
    command.require_subcommand(1);
    set_examples(command, context,
                 {{"image ls", "what is here"}, {"image build python", "make what is missing, without a registry"}});
    add_ls(command, context);
    add_build(command, context);
    add_pull(command, context);
    add_rm(command, context);
    for (CLI::App* below : command.get_subcommands([](CLI::App*) { return true; })) {
        add_json_flag(*below, context);
        add_config_flag(*below, context);
    }
}

}  // namespace sbx::cli
