#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/image_preference.hpp"
#include "cli/keeper_process.hpp"
#include "cli/progress.hpp"
#include "cli/run_options.hpp"
#include "cli/sandbox_view.hpp"
#include "cli/template_flag.hpp"
#include "cli/with_engine.hpp"
#include "cli/with_keeper.hpp"
#include "core/net/egress_list.hpp"
#include "core/random.hpp"
#include "core/sandbox/detached.hpp"
#include "core/sandbox/program_session.hpp"
#include "core/sandbox/run.hpp"
#include "core/sandbox/sweep.hpp"
#include "core/sandbox/uploads.hpp"
#include "core/with_timeout.hpp"
#include "sbx/quantity.hpp"

#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <unistd.h>

#include <csignal>

namespace sbx::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_life = 24h;

struct Options {
    RunOptions run;
    std::string name;
    std::string life = "1h";
    std::string idle = "none";
};

/// What only the keeper, and whoever reads the record, can know: 256 bits.
std::string new_token()
{
    return random_hex(32);
}

/// The settings by which another process finds the same engine, whatever its own environment says.
Result<void> remember_engine(SandboxRecord& record, const Context& context, const Settings& settings)
{
    const Result<docker::Endpoint> endpoint = configured_endpoint(settings);
    if (!endpoint) return endpoint.error();
    record.endpoint = endpoint->shown;
    if (endpoint->scheme == docker::Scheme::unix_socket) {
        record.docker_host = endpoint->shown;
        return {};
    }
    record.docker_host = settings.docker_host;
    record.docker_context = settings.docker_context;
    if (!record.docker_host.empty() || !record.docker_context.empty()) return {};
    record.docker_host = context.environment("DOCKER_HOST").value_or("");
    if (record.docker_host.empty()) record.docker_context = context.environment("DOCKER_CONTEXT").value_or("");
    return {};
}

Result<void> set_life(SandboxRecord& record, const Options& options)
{
    const auto life = parse_duration("--ttl", options.life);
    if (!life) return life.error();
    if (!*life || **life > longest_life)
        return Error(Errc::invalid_argument, "--ttl: a sandbox ends after a day at the latest", "--ttl 24h");
    const auto idle = parse_duration("--idle-timeout", options.idle);
    if (!idle) return idle.error();
    record.idle = *idle;
    record.created = record_time();
    record.deadline = record.created + **life;
    return {};
}

/// Everything that needs no engine.
Result<SandboxRecord> make_record(const Options& options, const Context& context, const Settings& settings,
                                  const RunRequest& request)
{
    SandboxRecord record;
    record.name = options.name;
    if (!options.name.empty() && !is_sandbox_name(options.name))
        return Error(Errc::invalid_argument,
                     fmt::format("--name: '{}' is no name of letters, digits, '.', '_' and '-'", options.name));
    if (const auto set = set_life(record, options); !set) return set.error();
    if (const auto known = remember_engine(record, context, settings); !known) return known.error();
    record.limits = request.limits;
    record.network = request.network;
    for (const EgressRule& rule : request.allow) record.allow.push_back(format_egress_rule(rule));
    record.permit = request.permit;
    record.environment = request.environment;
    record.directory = request.directory;
    for (const auto& [key, value] : request.labels)
        record.labels[key.substr(std::string_view(user_label_prefix).size())] = value;
    record.token = new_token();
    return record;
}

asio::awaitable<Result<ChosenImage>> find_image(const OpenEngine& open, const Language& language,
                                                ImagePreference preference, ProgressSink sink, Settings settings)
{
    auto choosing = choose_image(*open.engine, language, std::move(preference), std::move(sink));
    Result<ChosenImage> image = co_await with_timeout(std::move(choosing), settings.pull_timeout);
    if (!image) co_return image.error();
    const Result<const wire::AgentImage*> usable = check_image(image->info, image->reference);
    if (!usable) co_return usable.error();
    co_await sweep_now_and_then(*open.engine, directories(process_environment(), ::getuid()).cache);
    co_return image;
}

/// What a new sandbox begins with: its files, then its template's command in the background.
asio::awaitable<Result<void>> set_up(AgentLink& link, RunRequest request, std::string command)
{
    if (!request.files.empty() || request.directory != "/work") {
        const Result<void> put = co_await put_files(link, request);
        if (!put) co_return put;
    }
    if (command.empty()) co_return Result<void>();
    wire::Spawn spawn = spawn_of(request, std::vector<std::string>{"sh", "-c", std::move(command)});
    spawn.input = false;
    const Result<std::uint64_t> started = co_await start_detached(link, std::move(spawn));
    if (!started) co_return started.error();
    co_return Result<void>();
}

/// A sandbox that runs, set up; nothing is left when that fails.
/// @param command  of its template; may be empty
Result<SandboxRecord> start(const Context& context, const SandboxStore& store, SandboxRecord wanted,
                            const RunRequest& request, const std::string& command)
{
    const Result<SandboxRecord> record = store.add(std::move(wanted));
    if (!record) return record.error();
    if (const auto started = start_keeper(context, *record); !started) {
        store.forget(*record);
        return started.error();
    }
    if (!request.files.empty() || request.directory != "/work" || !command.empty()) {
        const auto begin = [&](AgentLink& link) { return set_up(link, request, command); };
        if (const auto done = with_keeper(context, store, *record, begin); !done) {
            const auto end = [&](AgentLink& link) { return end_sandbox(link, 0ms); };
            const Result<void> ended = with_keeper(context, store, *record, end);
            store.forget(*record);
            return done.error();
        }
    }
    return store.read(record->id).value_or(*record);
}

void create(Options& options, const CLI::App& command, Context& context)
{
    if (const auto applied = apply_template(options.run, command, context); !applied)
        return context.report(applied.error());
    const Result<Configuration> configuration = context.configuration(options.run.settings);
    if (!configuration) return context.report(configuration.error());
    const Settings& settings = configuration->settings;
    if (options.run.source.language.empty()) options.run.source.language = "python";
    const Result<const Language*> language = find_language(options.run.source.language);
    if (!language) return context.report(language.error());
    const Result<RunRequest> request = build_request(options.run, settings, Source());
    if (!request) return context.report(request.error());
    Result<SandboxRecord> record = make_record(options, context, settings, *request);
    if (!record) return context.report(record.error());

    ImagePreference preference = image_preference(**language, settings);
    if (options.run.image) preference.configured = *options.run.image;
    ProgressLine progress(context, options.run.quiet);
    const auto choose = [&](const OpenEngine& open) {
        return find_image(open, **language, preference, progress.sink(), settings);
    };
    const Result<ChosenImage> image = with_engine(context, settings, choose);
    progress.clear();
    if (!image) return context.report(image.error());
    record->image = image->info.id;
    record->image_name = image->reference;
    record->architecture = image->info.architecture;

    std::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c): a keeper that goes away is seen by its write
    record = start(context, sandbox_store(context), std::move(*record), *request, options.run.start);
    if (!record) return context.report(record.error());
    SandboxView view;
    view.record = *record;
    view.state = "running";
    if (context.json) return context.print_json(sandbox_json(view));
    context.print(record->id + "\n");
}

}  // namespace

void build_create_command(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<Options>();
    add_create_options(command, options->run, context);
    command.add_option("--name", options->name, "Name to call it by")->type_name("NAME")->group("Life");
    command.add_option("--ttl", options->life, "It ends after this time: 10m, 1h (default), 24h")
        ->type_name("TIME")
        ->group("Life");
    command.add_option("--idle-timeout", options->idle, "It ends when nobody used it for so long (default none)")
        ->type_name("TIME")
        ->group("Life");
    set_examples(command, context,
                 {{"create --name build", "a sandbox of Python's image, for an hour"},
                  {"create --allow '*.example.org'", "its programs may connect to all hosts below that name"},
                  {"create --lang bash --file . --memory 1g --ttl 8h", "with files, more memory, for a day's work"},
                  {"create --template web --name web", "as the template web says, with its command running"},
                  {"exec build -- python3 -V", "run a program in it"}});
    command.callback([options, &command, &context] { create(*options, command, context); });
}

}  // namespace sbx::cli
