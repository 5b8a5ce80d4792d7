#include "core/sandbox/standby.hpp"

#include "core/config/directories.hpp"
#include "core/random.hpp"
#include "core/sandbox/agent_volume.hpp"
#include "core/sandbox/short_hash.hpp"
#include "core/sandbox/spec_label.hpp"
#include "core/sandbox/sweep.hpp"
#include "core/whole_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <charconv>

namespace sbx {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Clock = std::chrono::system_clock;

constexpr auto too_late_to_claim = 2s;                           // it might end before it was attached to
constexpr auto hard_end_after_claim = longest_standby_run + 1h;  // a label cannot be changed when the run is known

std::int64_t seconds_of(Clock::time_point time)
{
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

/// A file's name says all that a claim needs, so that nothing has to be read: `<expires>-<id>`.
std::string file_name(const Standby& standby)
{
    return fmt::format("{}-{}", seconds_of(standby.expires), standby.id);
}

std::optional<Standby> parse_file_name(const std::string& key, const std::string& name)
{
    std::int64_t seconds = 0;
    const auto [end, ec] = std::from_chars(name.data(), name.data() + name.size(), seconds);
    if (ec != std::errc() || end == name.data() + name.size() || *end != '-') return std::nullopt;
    Standby standby;
    standby.id = name.substr(static_cast<std::size_t>(end - name.data()) + 1);
    standby.key = key;
    standby.expires = Clock::time_point(std::chrono::seconds(seconds));
    return standby;
}

std::vector<Standby> list_key(const fs::path& directory)
{
    std::vector<Standby> found;
    std::error_code ec;
    for (const fs::directory_entry& file : fs::directory_iterator(directory, ec))
        if (auto standby = parse_file_name(directory.filename().string(), file.path().filename().string()))
            found.push_back(std::move(*standby));
    std::ranges::sort(found, {}, &Standby::expires);
    return found;
}

/// Found nowhere else in the interpreter's memory, and as long as code that is given with `-c` may become
/// (docs/standby.md).
std::string fresh_placeholder()
{
    constexpr std::size_t length = 16'383;
    constexpr std::string_view beginning = "/.sbx/standby/";
    return std::string(beginning) + random_text(length - beginning.size(), "abcdefghijklmnopqrstuvwxyz0123456789");
}

Plan plan_of(const StandbySpec& spec, Mount agent, std::chrono::milliseconds life)
{
    Plan plan;
    plan.name = "sbx-standby-" + random_hex(16);
    plan.image = spec.image;
    plan.limits = spec.limits;
    plan.mounts.push_back(std::move(agent));
    plan.mounts.insert(plan.mounts.end(), spec.libraries.begin(), spec.libraries.end());
    plan.labels[instance_label] = spec.instance;
    plan.labels[sandbox_label] = plan.name;
    plan.labels[expires_label] = std::to_string(seconds_of(Clock::now() + life + hard_end_after_claim));
    plan.labels[standby_label] = standby_key(spec);
    plan.network = spec.network;
    plan.isolation = spec.isolation;
    plan.labels[spec_label] = spec_hash(plan);
    plan.agent_arguments.push_back(std::to_string(life.count()));
    for (const std::string& word : spec.preload)
        plan.agent_arguments.push_back(word == "{placeholder}" ? fresh_placeholder() : word);
    return plan;
}

}  // namespace

bool is_claimable(const Standby& standby)
{
    return standby.expires - Clock::now() > too_late_to_claim;
}

StandbySpec standby_spec(const RunRequest& request, std::string endpoint, const wire::AgentImage& agent)
{
    StandbySpec spec;
    spec.endpoint = std::move(endpoint);
    spec.image = request.image.id;
    spec.agent_volume = agent_volume_name(agent);
    spec.limits = request.limits;
    spec.network = request.network;
    spec.isolation = request.isolation;
    spec.libraries = request.libraries;
    spec.preload = request.preload;
    return spec;
}

bool may_use_standby(const RunRequest& request)
{
    const bool has_own_labels = std::ranges::any_of(
        request.labels, [](const auto& label) { return label.first.starts_with(user_label_prefix); });
    return request.standby && !has_own_labels && request.limits.wall_ms &&
           *request.limits.wall_ms <= longest_standby_run;
}

std::string standby_key(const StandbySpec& spec)
{
    const Limits& limits = spec.limits;
    std::string all =
        fmt::format("{}\n{}\n{}\n{} {} {} {}\n{} {}\n{}", spec.endpoint, spec.image, spec.agent_volume,
                    limits.memory_bytes, limits.disk_bytes, limits.millicpus, limits.pids,
                    static_cast<int>(spec.network), static_cast<int>(spec.isolation), fmt::join(spec.preload, "\n"));
    for (const Mount& mount : spec.libraries) all += fmt::format("\n{} {}", mount.volume, mount.target);
    return short_hash(all);
}

StandbyStore::StandbyStore(const fs::path& state) : directory_(state.empty() ? fs::path() : state / "standby") {}

Result<void> StandbyStore::add(const Standby& standby) const
{
    if (directory_.empty())
        return Error(Errc::unavailable, "there is no state directory to remember standby sandboxes in", "set HOME");
    for (const fs::path& made : {directory_, directory_ / standby.key})
        if (const auto ready = make_private_directory(made); !ready) return ready.error();
    return write_whole_file(directory_ / standby.key / file_name(standby), standby.description + "\n");
}

std::optional<ClaimedStandby> StandbyStore::claim(const std::string& key)
{
    if (directory_.empty()) return std::nullopt;
    for (const Standby& standby : list_key(directory_ / key))
        if (is_claimable(standby) && claim(standby)) return ClaimedStandby{standby.id, std::nullopt};
    return std::nullopt;
}

bool StandbyStore::claim(const Standby& standby) const
{
    std::error_code ec;
    return fs::remove(directory_ / standby.key / file_name(standby), ec);
}

std::vector<Standby> StandbyStore::list() const
{
    std::vector<Standby> all;
    std::error_code ec;
    if (directory_.empty()) return all;
    for (const fs::directory_entry& key : fs::directory_iterator(directory_, ec)) {
        for (Standby& standby : list_key(key.path())) {
            const fs::path file = key.path() / file_name(standby);
            if (standby.expires < Clock::now()) {
                fs::remove(file, ec);
                continue;
            }
            std::string words = read_whole_file(file).value_or("");
            standby.description = words.substr(0, words.find('\n'));
            all.push_back(std::move(standby));
        }
    }
    std::ranges::sort(all, {}, &Standby::expires);
    return all;
}

asio::awaitable<Result<Standby>> start_standby(Engine& engine, StandbySpec spec, Mount agent,
                                               std::chrono::milliseconds life)
{
    Standby standby;
    standby.key = standby_key(spec);
    standby.expires = Clock::now() + life;
    Plan plan = plan_of(spec, std::move(agent), life);
    Result<std::string> id = co_await engine.create(std::move(plan));
    if (!id) co_return id.error();
    standby.id = *id;
    const Result<void> started = co_await engine.start(*id);
    if (started) co_return standby;
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    const Result<void> removed = co_await engine.remove(*id);
    co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    co_return started.error();
}

}  // namespace sbx
