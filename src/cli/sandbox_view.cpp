#include "cli/sandbox_view.hpp"

#include "cli/remote.hpp"
#include "cli/with_engine.hpp"
#include "core/file_lock.hpp"
#include "core/json.hpp"
#include "core/sandbox/record_json.hpp"
#include "core/sandbox/standby.hpp"
#include "core/sandbox/sweep.hpp"

#include <algorithm>

namespace sbx::cli {
namespace {

using namespace std::chrono_literals;
using nlohmann::ordered_json;

constexpr auto longest_start = 60s;

bool has_keeper(const SandboxStore& store, const SandboxRecord& record)
{
    return !FileLock::try_acquire(store.lock_of(record.id)).has_value();
}

/// Its keeper may still be on its way.
bool is_being_made(const SandboxRecord& record)
{
    return record.container.empty() && record.created + longest_start > record_time();
}

const SandboxInfo* container_of(const std::vector<SandboxInfo>& containers, const SandboxRecord& record)
{
    const auto at = std::ranges::find_if(containers, [&](const SandboxInfo& container) {
        return container.id == record.container && (container.state == "running" || container.state == "paused");
    });
    return at == containers.end() ? nullptr : &*at;
}

/// Nobody holds it any more, and it is not there any more.
void bury(const SandboxStore& store, SandboxRecord& record)
{
    record.cause = record.deadline <= record_time() ? Cause::ttl : Cause::lost;
    record.ended = std::min(record.deadline, record_time());
    const Result<void> written = store.write(record);
}

SandboxView view(const OpenEngine& open, const SandboxStore& store, SandboxRecord record,
                 const std::vector<SandboxInfo>& containers)
{
    SandboxView seen;
    const SandboxInfo* container = container_of(containers, record);
    if (record.cause) {
        seen.state = "ended";
    } else if (container != nullptr) {
        seen.state = container->state;
    } else if (record.endpoint != open.endpoint) {
        seen.state = "unknown";
    } else if (has_keeper(store, record) || is_being_made(record)) {
        seen.state = record.container.empty() ? "starting" : "running";
    } else {
        bury(store, record);
        seen.state = "ended";
    }
    seen.record = std::move(record);
    return seen;
}

/// A one-off run that is under way.
SandboxView view_run(const OpenEngine& open, const SandboxInfo& container)
{
    SandboxView seen;
    seen.kind = "run";
    seen.state = container.state;
    seen.record.id = container.labels.at(sandbox_label);
    seen.record.container = container.id;
    seen.record.endpoint = open.endpoint;
    seen.record.image_name = container.image;
    seen.record.created = std::chrono::duration_cast<std::chrono::milliseconds>(container.created.time_since_epoch());
    return seen;
}

bool is_run(const SandboxInfo& container, const std::vector<SandboxView>& known)
{
    const bool lives = container.state == "running" || container.state == "paused";
    if (!lives || !container.labels.contains(sandbox_label) || container.labels.contains(standby_label)) return false;
    return std::ranges::none_of(known, [&](const SandboxView& view) { return view.record.container == container.id; });
}

ordered_json time_or_null(std::chrono::milliseconds time)
{
    return iso_time(std::chrono::system_clock::time_point(time));
}

}  // namespace

asio::awaitable<Result<std::vector<SandboxView>>> view_sandboxes(const OpenEngine& open, const SandboxStore& store)
{
    const Result<std::vector<SandboxInfo>> containers = co_await open.engine->list(sandbox_label);
    if (!containers) co_return containers.error();
    std::vector<SandboxView> all;
    for (SandboxRecord& record : store.list()) all.push_back(view(open, store, std::move(record), *containers));
    std::vector<SandboxView> runs;
    for (const SandboxInfo& container : *containers)
        if (is_run(container, all)) runs.push_back(view_run(open, container));
    all.insert(all.end(), runs.begin(), runs.end());
    co_return all;
}

Result<std::vector<SandboxView>> view_all(const Context& context, const SandboxStore& store)
{
    if (daemon_host(context)) return view_remote(context, store);
    const Result<Configuration> configuration = context.configuration();
    if (!configuration) return configuration.error();
    const auto work = [&](const OpenEngine& open) { return view_sandboxes(open, store); };
    return with_engine(context, configuration->settings, work);
}

ordered_json sandbox_json(const SandboxView& view)
{
    const SandboxRecord& record = view.record;
    ordered_json json;
    json["id"] = record.id;
    json["name"] = record.name.empty() ? ordered_json() : ordered_json(record.name);
    json["kind"] = view.kind;
    json["state"] = view.state;
    json["cause"] = record.cause ? ordered_json(boost::describe::enum_to_string(*record.cause, "?")) : ordered_json();
    json["image"] = record.image_name;
    json["image_digest"] = record.image.empty() ? ordered_json() : ordered_json(record.image);
    json["created"] = time_or_null(record.created);
    json["ends"] = time_or_null(record.deadline);
    json["ended"] = time_or_null(record.ended);
    json["idle_timeout_ms"] = record.idle ? ordered_json(record.idle->count()) : ordered_json();
    json["limits"] = nlohmann::json(record.limits);
    json["network"] = record.network == Network::none && !record.allow.empty()
                          ? "allow"
                          : boost::describe::enum_to_string(record.network, "?");
    json["allow"] = record.allow;
    json["attempts"] = attempts_json(record.attempts);
    json["labels"] = ordered_json::object();
    for (const auto& [key, value] : record.labels) json["labels"][key] = value;
    json["environment"] = ordered_json::array();
    for (const auto& [name, value] : record.environment) json["environment"].push_back(name);
    json["workdir"] = record.directory;
    json["engine"] = record.endpoint;
    json["container"] = record.container.empty() ? ordered_json() : ordered_json(record.container);
    return json;
}

std::string rough_duration(std::chrono::milliseconds length)
{
    const auto seconds = std::max<std::int64_t>(length / 1s, 0);
    if (seconds < 60) return fmt::format("{}s", seconds);
    if (seconds < 3600) return fmt::format("{}m{:02}s", seconds / 60, seconds % 60);
    return fmt::format("{}h{:02}m", seconds / 3600, seconds / 60 % 60);
}

}  // namespace sbx::cli
