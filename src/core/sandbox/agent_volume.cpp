#include "core/sandbox/agent_volume.hpp"

#include "core/file_lock.hpp"
#include "core/sandbox/condition.hpp"
#include "core/whole_file.hpp"

#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>

#include <chrono>

namespace sbx {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_turn = 10s;

/// What identifies a verified volume: another engine, or a volume made anew, gives another line.
std::string identity(const std::string& endpoint, const VolumeInfo& volume)
{
    return fmt::format("{} {} {}\n", endpoint, volume.name, volume.created);
}

std::vector<VolumeFile> content_of(const wire::AgentImage& agent)
{
    std::vector<VolumeFile> files;
    files.push_back({.path = "agent", .bytes = agent.program.bytes(), .mode = 0755});
    for (const wire::Runner& runner : wire::runners())
        files.push_back({.path = std::string(runner.path), .bytes = runner.content.bytes(), .mode = 0644});
    return files;
}

bool is_labelled(const VolumeInfo& volume, const wire::AgentImage& agent)
{
    const auto label = volume.labels.find(agent_label);
    return label != volume.labels.end() && label->second == agent.content_sha256;
}

/// One at a time on this machine; other machines' writers are harmless, as the content is the same. So is one of this
/// machine that was stopped while it wrote: it is not waited for without end.
asio::awaitable<std::optional<FileLock>> take_turn(std::filesystem::path path)
{
    std::optional<FileLock> lock;
    if (path.empty()) co_return lock;
    Condition pause(co_await asio::this_coro::executor);
    const auto deadline = std::chrono::steady_clock::now() + longest_turn;
    for (lock = FileLock::try_acquire(path); !lock; lock = FileLock::try_acquire(path)) {
        const auto now = std::chrono::steady_clock::now();
        if (now >= deadline) break;
        co_await pause.wait(now + 20ms);
    }
    co_return lock;
}

}  // namespace

std::string agent_volume_name(const wire::AgentImage& agent)
{
    return fmt::format("sbx-agent-{}", agent.content_sha256.substr(0, 12));
}

asio::awaitable<Result<Mount>> ensure_agent_volume(Engine& engine, std::string endpoint, const wire::AgentImage& agent,
                                                   std::string image, std::filesystem::path cache, bool refill)
{
    Mount mount;
    mount.volume = agent_volume_name(agent);
    mount.target = agent_directory;
    mount.labels.emplace(agent_label, agent.content_sha256);
    const std::string& name = mount.volume;
    const std::filesystem::path verified = cache / (name + ".verified");
    const bool remembers = !cache.empty();
    if (!refill && remembers) {
        const Result<VolumeInfo> known = co_await engine.volume(name);
        if (!known && known.error().code != Errc::not_found) co_return known.error();
        if (known && is_labelled(*known, agent) && read_whole_file(verified) == identity(endpoint, *known))
            co_return mount;
    }
    std::filesystem::path lock_path;
    if (remembers) lock_path = cache / (name + ".lock");
    const std::optional<FileLock> lock = co_await take_turn(std::move(lock_path));
    const Result<void> filled =
        co_await engine.fill_volume(name, mount.labels, content_of(agent), std::move(image), refill);
    if (!filled) co_return filled.error();
    const Result<VolumeInfo> now = co_await engine.volume(name);
    if (!now) co_return now.error();
    // Where this cannot be written the next run verifies again: slower, not less safe.
    if (remembers) write_whole_file(verified, identity(endpoint, *now));
    co_return mount;
}

}  // namespace sbx
