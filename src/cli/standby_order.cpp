#include "cli/standby_order.hpp"

#include "cli/limit_flags.hpp"
#include "cli/template_flag.hpp"
#include "core/config/image_preference.hpp"
#include "core/sandbox/agent_volume.hpp"
#include "core/with_timeout.hpp"
#include "sbx/quantity.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace sbx::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_life = 24h;
constexpr std::uint32_t most_at_once = 64;

Result<const wire::AgentImage*> agent_for(const StandbyOrder& order)
{
    const std::string& architecture = order.request.image.architecture;
    if (const wire::AgentImage* agent = wire::agent_image(architecture)) return agent;
    return Error(Errc::image_unavailable, fmt::format("the image is for {}, for which sbx has no agent", architecture));
}

}  // namespace

void add_standby_flags(CLI::App& command, StandbyFlags& flags)
{
    command.add_option("LANGUAGE", flags.language, "Name or alias (default python)");
    command.add_option("-n", flags.count, "How many (default 1)")->type_name("COUNT");
    command.add_option("--ttl", flags.life, "How long they wait: 30m, 1h (default)")->type_name("TIME");
    command.add_option("--image", flags.image, "Image, instead of the language's")->type_name("REFERENCE");
    add_template_flag(command, flags.template_word);
    add_library_flags(command, flags.libraries);
    add_limit_flags(command, flags.settings, LimitFlags::of_sandbox);
}

Result<StandbyOrder> read_standby_order(const StandbyFlags& flags, const Settings& settings,
                                        const Environment& environment)
{
    StandbyOrder order;
    const Result<const Language*> language = find_language(flags.language.empty() ? "python" : flags.language);
    if (!language) return language.error();
    order.language = *language;
    order.preload = flags.preload;
    order.image = {image_preference(**language, settings), flags.dockerfile, settings.pull_timeout};
    if (flags.image) order.image.preference.configured = *flags.image;
    Source source;
    source.language = *language;
    Result<LibraryRequest> libraries = find_libraries(flags.libraries, source);
    if (!libraries) return libraries.error();
    order.libraries = std::move(*libraries);
    order.install = install_policy(settings, flags.libraries, environment);
    const Result<std::optional<std::chrono::milliseconds>> life = parse_duration("--ttl", flags.life);
    if (!life) return life.error();
    if (!*life || **life > longest_life)
        return Error(Errc::invalid_argument, "--ttl: a standby sandbox ends after a day at the latest", "--ttl 24h");
    order.life = **life;
    const Result<std::uint32_t> count = parse_count("-n", flags.count, most_at_once);
    if (!count) return count.error();
    order.count = *count;
    if (const auto sound = check(settings.limits); !sound) return sound.error();
    order.request.limits = settings.limits;
    order.request.network = flags.network == "full" ? Network::full : Network::none;
    return order;
}

asio::awaitable<Result<StandbyOrder>> with_image(const OpenEngine& open, StandbyOrder order, ProgressSink progress)
{
    Result<ChosenImage> image = co_await find_image(open, *order.language, order.image, progress);
    if (!image) co_return image.error();
    order.request.image = image->info;
    Directories own = directories(process_environment(), ::getuid());
    auto libraries = co_await get_libraries(open, order.libraries, order.install, std::move(*image), std::move(own),
                                            std::move(progress));
    if (!libraries) co_return libraries.error();
    order.request.libraries.clear();
    order.request.preload = preload_words(*order.language, order.preload);
    if (*libraries) use_libraries(order.request, order.libraries, **libraries);
    co_return order;
}

Result<std::string> key_of(const OpenEngine& open, const StandbyOrder& order)
{
    const Result<const wire::AgentImage*> agent = agent_for(order);
    if (!agent) return agent.error();
    return standby_key(standby_spec(order.request, open.endpoint, **agent));
}

asio::awaitable<Result<std::vector<Standby>>> start_standbys(const OpenEngine& open, StandbyOrder order,
                                                             const StandbyStore& store, std::filesystem::path cache)
{
    const Result<const wire::AgentImage*> known = agent_for(order);
    if (!known) co_return known.error();
    const wire::AgentImage& agent = **known;
    const std::string image = order.request.image.id;
    Result<Mount> volume = co_await ensure_agent_volume(*open.engine, open.endpoint, agent, image, cache, false);
    std::vector<Standby> all;
    for (bool refilled = false; all.size() < order.count;) {
        if (!volume) co_return volume.error();
        StandbySpec spec = standby_spec(order.request, open.endpoint, agent);
        Result<Standby> standby = co_await start_standby(*open.engine, std::move(spec), *volume, order.life);
        if (!standby && is_agent_missing(standby.error()) && !refilled) {
            refilled = true;  // the volume lost its content since it was verified
            volume = co_await ensure_agent_volume(*open.engine, open.endpoint, agent, image, cache, true);
            continue;
        }
        if (!standby) co_return standby.error();
        standby->description = std::string(order.language->name);
        const Result<void> added = store.add(*standby);
        if (!added) {
            const Result<void> removed = co_await open.engine->remove(standby->id);
            co_return added.error();
        }
        all.push_back(std::move(*standby));
    }
    co_return all;
}

asio::awaitable<Result<std::vector<Standby>>> choose_and_start(const OpenEngine& open, StandbyOrder order,
                                                               ProgressSink progress, const StandbyStore& store,
                                                               std::filesystem::path cache)
{
    Result<StandbyOrder> chosen = co_await with_image(open, std::move(order), std::move(progress));
    if (!chosen) co_return chosen.error();
    co_return co_await start_standbys(open, std::move(*chosen), store, std::move(cache));
}

}  // namespace sbx::cli
