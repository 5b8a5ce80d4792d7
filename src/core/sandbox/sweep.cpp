#include "core/sandbox/sweep.hpp"

#include <charconv>
#include <fstream>
#include <optional>

namespace sbx {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::system_clock;

constexpr auto start_grace = 60s;
constexpr auto removal_grace = 60s;  // the engine's own removal of an ended container
constexpr auto sweep_interval = 10s;

/// Absent when the label is, or is no time.
std::optional<Clock::time_point> end_of_life(const SandboxInfo& sandbox)
{
    const auto label = sandbox.labels.find(expires_label);
    if (label == sandbox.labels.end()) return std::nullopt;
    const std::string& text = label->second;
    std::int64_t seconds = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
    constexpr std::int64_t far_future = 1LL << 33;  // beyond it a clock of nanoseconds overflows
    return Clock::time_point(std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, far_future)));
}

/// Empty for a container that has an owner, or is none of ours.
std::string cause_of(const SandboxInfo& sandbox, Clock::time_point now)
{
    if (!sandbox.labels.contains(sandbox_label)) return {};
    const auto end = end_of_life(sandbox);
    if (end && *end < now) return "past its end";
    if (sandbox.state == "created" && now - sandbox.created > start_grace) return "never started";
    const bool ended = sandbox.state == "exited" || sandbox.state == "dead";
    if (ended && now - sandbox.created > removal_grace) return "ended and not removed";
    return {};
}

}  // namespace

std::vector<Orphan> find_orphans(const std::vector<SandboxInfo>& sandboxes, Clock::time_point now)
{
    std::vector<Orphan> orphans;
    for (const SandboxInfo& sandbox : sandboxes)
        if (std::string cause = cause_of(sandbox, now); !cause.empty())
            orphans.push_back({sandbox.id, std::move(cause)});
    return orphans;
}

asio::awaitable<Result<std::vector<Orphan>>> sweep(Engine& engine)
{
    const Result<std::vector<SandboxInfo>> sandboxes = co_await engine.list(sandbox_label);
    if (!sandboxes) co_return sandboxes.error();
    std::vector<Orphan> removed;
    std::optional<Error> failure;
    for (const Orphan& orphan : find_orphans(*sandboxes, Clock::now())) {
        const Result<void> gone = co_await engine.remove(orphan.id);
        if (gone) removed.push_back(orphan);
        if (!gone && !failure) failure = gone.error();
        if (!gone && gone.error().code == Errc::cancelled) break;
    }
    if (failure) co_return *failure;
    co_return removed;
}

asio::awaitable<void> sweep_now_and_then(Engine& engine, std::filesystem::path cache)
{
    namespace fs = std::filesystem;
    const fs::path stamp = cache / "swept";
    std::error_code ec;
    const fs::file_time_type last = fs::last_write_time(stamp, ec);
    const auto age = fs::file_time_type::clock::now() - last;
    if (!cache.empty() && !ec && age >= 0s && age < sweep_interval) co_return;
    // Where this cannot be written every run sweeps: slower, not less right.
    if (!cache.empty()) std::ofstream(stamp).put('\n');
    co_await sweep(engine);
}

}  // namespace sbx
