#include "cli/make_sandbox.hpp"

#include "cli/find_image.hpp"
#include "cli/keeper_process.hpp"
#include "cli/progress.hpp"
#include "cli/remote.hpp"
#include "cli/remote_order.hpp"
#include "cli/template_flag.hpp"
#include "cli/with_engine.hpp"
#include "cli/with_keeper.hpp"
#include "core/config/image_preference.hpp"
#include "core/net/egress_list.hpp"
#include "core/random.hpp"
#include "core/remote/remote_run.hpp"
#include "core/sandbox/beginning.hpp"
#include "core/sandbox/run.hpp"
#include "core/sandbox/sweep.hpp"
#include "core/with_timeout.hpp"
#include "sbx/quantity.hpp"

#include <fmt/ranges.h>

#include <unistd.h>

#include <csignal>

namespace sbx::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_life = 24h;

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

Result<void> set_life(SandboxRecord& record, const SandboxLife& wanted)
{
    const auto life = parse_duration("--ttl", wanted.time);
    if (!life) return life.error();
    if (!*life || **life > longest_life)
        return Error(Errc::invalid_argument, "--ttl: a sandbox ends after a day at the latest", "--ttl 24h");
    const auto idle = parse_duration("--idle-timeout", wanted.idle);
    if (!idle) return idle.error();
    record.idle = *idle;
    record.created = record_time();
    record.deadline = record.created + **life;
    return {};
}

/// Everything that needs no engine.
Result<SandboxRecord> make_record(const SandboxLife& life, const Context& context, const Settings& settings,
                                  const RunRequest& request)
{
    SandboxRecord record;
    record.name = life.name;
    if (!life.name.empty() && !is_sandbox_name(life.name))
        return Error(Errc::invalid_argument,
                     fmt::format("--name: '{}' is no name of letters, digits, '.', '_' and '-'", life.name));
    if (const auto set = set_life(record, life); !set) return set.error();
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

/// What a sandbox is made of: its image, and the libraries for it.
struct Ingredients {
    ChosenImage image;
    std::optional<MountedLibraries> libraries;
};

asio::awaitable<Result<ChosenImage>> find_usable_image(const OpenEngine& open, const Language& language, ImageWish wish,
                                                       ProgressSink sink)
{
    Result<ChosenImage> image = co_await find_image(open, language, std::move(wish), std::move(sink));
    if (!image) co_return image.error();
    const Result<const wire::AgentImage*> usable = check_image(image->info, image->reference);
    if (!usable) co_return usable.error();
    co_await sweep_now_and_then(*open.engine, directories(process_environment(), ::getuid()).cache);
    co_return image;
}

asio::awaitable<Result<Ingredients>> find_ingredients(const OpenEngine& open, const Language& language, ImageWish wish,
                                                      LibraryRequest wanted, const LibraryFlags& flags,
                                                      const Settings& settings, ProgressSink sink)
{
    Result<ChosenImage> image = co_await find_usable_image(open, language, std::move(wish), sink);
    if (!image) co_return image.error();
    const Environment environment = process_environment();
    InstallPolicy policy = install_policy(settings, flags, environment);
    Directories own = directories(environment, ::getuid());
    auto libraries = co_await get_libraries(open, std::move(wanted), std::move(policy), *image, std::move(own), sink);
    if (!libraries) co_return libraries.error();
    Ingredients ingredients;
    ingredients.image = std::move(*image);
    ingredients.libraries = std::move(*libraries);
    co_return ingredients;
}

/// One that is kept on this machine.
Result<SandboxRecord> start_here(const Context& context, const SandboxStore& store, SandboxRecord wanted)
{
    Result<SandboxRecord> record = store.add(std::move(wanted));
    if (!record) return record;
    if (const auto started = start_keeper(context, *record); !started) {
        store.forget(*record);
        return started.error();
    }
    return record;
}

/// One that a daemon keeps.
/// @param order  of `remote_order`
Result<SandboxRecord> start_there(const Context& context, const SandboxStore& store, const SandboxRecord& wanted,
                                  nlohmann::json order)
{
    if (!wanted.name.empty()) order["name"] = wanted.name;
    order["env"] = nlohmann::json::object();
    for (const auto& [name, value] : wanted.environment) order["env"][name] = value;
    order["allow"] = wanted.allow;
    order["directory"] = wanted.directory;
    order["ttl_ms"] = (wanted.deadline - wanted.created).count();
    order["idle_ms"] = wanted.idle.value_or(longest_life).count();
    const auto made =
        call_daemon(context, docker::http::verb::post, "/v1/sandboxes", std::move(order), longest_preparation);
    if (!made) return made.error();
    const bool is_known = made->is_object() && made->contains("id") && (*made)["id"].is_string();
    if (!is_known) return Error(Errc::unavailable, "the daemon does not say which sandbox it made", "sbx ps");
    SandboxRecord known = wanted;
    known.id = (*made)["id"].get<std::string>();
    Result<SandboxRecord> record = store.find(known.id);
    if (!record) (void)forget_sandbox(context, store, known);  // what cannot be written down here is not to stay there
    return record;
}

/// A sandbox that runs, set up; nothing is left when that fails.
/// @param command  of its template; may be empty
Result<SandboxRecord> set_up(const Context& context, const SandboxStore& store, Result<SandboxRecord> record,
                             const RunRequest& request, const std::string& command)
{
    if (!record) return record;
    if (begins_with_something(request, command)) {
        const auto begin = [&](AgentLink& link) { return begin_with(link, request, command); };
        if (const auto done = with_keeper(context, store, *record, begin); !done) {
            remove_sandbox(context, *record);
            return done.error();
        }
    }
    return store.read(record->id).value_or(*record);
}

}  // namespace

Result<SandboxRecord> make_sandbox(Context& context, RunOptions& options, const SandboxLife& life)
{
    if (const auto applied = apply_template(options, context); !applied) return applied.error();
    const Result<Configuration> configuration = context.configuration(options.settings);
    if (!configuration) return configuration.error();
    const Settings& settings = configuration->settings;
    if (options.source.language.empty()) options.source.language = "python";
    const Result<const Language*> language = find_language(options.source.language);
    if (!language) return language.error();
    Source source;
    source.language = *language;
    const Result<LibraryRequest> libraries = find_libraries(options.libraries, source);
    if (!libraries) return libraries.error();
    const Result<RunRequest> request = build_request(options, settings, source);
    if (!request) return request.error();
    Result<SandboxRecord> record = make_record(life, context, settings, *request);
    if (!record) return record;

    std::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c): a keeper that goes away is seen by its write
    const SandboxStore store = sandbox_store(context);
    if (daemon_host(context)) {
        Result<nlohmann::json> order = remote_order(options, **language, *libraries, *request);
        if (!order) return order.error();
        return set_up(context, store, start_there(context, store, *record, std::move(*order)), *request, options.start);
    }

    ImageWish wish{image_preference(**language, settings), options.dockerfile, settings.pull_timeout};
    if (options.image) wish.preference.configured = *options.image;
    ProgressLine progress(context, options.quiet);
    const auto choose = [&](const OpenEngine& open) {
        return find_ingredients(open, **language, wish, *libraries, options.libraries, settings, progress.sink());
    };
    const Result<Ingredients> found = with_engine(context, settings, choose);
    progress.clear();
    if (!found) return found.error();
    const ChosenImage& image = found->image;
    record->image = image.info.id;
    record->image_name = image.reference;
    record->architecture = image.info.architecture;
    if (found->libraries) {
        record->libraries.push_back(found->libraries->mount);
        record->environment = merged(found->libraries->variables, std::move(record->environment));
    }

    return set_up(context, store, start_here(context, store, std::move(*record)), *request, options.start);
}

void remove_sandbox(const Context& context, const SandboxRecord& record)
{
    const SandboxStore store = sandbox_store(context);
    const auto end = [](AgentLink& link) { return end_sandbox(link, 0ms); };
    const Result<void> ended = with_keeper(context, store, record, end);
    (void)forget_sandbox(context, store, record);  // whoever made it has something else to say
}

}  // namespace sbx::cli
