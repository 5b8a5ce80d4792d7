#include "cli/remote_order.hpp"

#include "core/sandbox/sweep.hpp"

#include <fmt/format.h>

namespace sbx::cli {
namespace {

Error only_here(const std::string& what)
{
    return {Errc::invalid_argument, fmt::format("{}: a daemon cannot be told that", what), "--direct"};
}

nlohmann::json limits_of(const Limits& limits)
{
    nlohmann::json json;
    if (limits.wall_ms) json["wall_ms"] = limits.wall_ms->count();
    json["memory_bytes"] = limits.memory_bytes;
    json["disk_bytes"] = limits.disk_bytes;
    if (limits.output_bytes) json["output_bytes"] = *limits.output_bytes;
    json["millicpus"] = limits.millicpus;
    json["pids"] = limits.pids;
    return json;
}

}  // namespace

Result<nlohmann::json> remote_order(const RunOptions& options, const Language& language,
                                    const LibraryRequest& libraries, const RunRequest& request)
{
    if (!options.dockerfile.empty()) return only_here("a template with a Dockerfile");
    if (!libraries.files.empty()) return only_here("libraries of a project's files");
    if (options.settings.contains("pull")) return only_here("--pull");
    if (options.libraries.offline) return only_here("--offline");
    if (options.libraries.upgrade) return only_here("--upgrade");
    if (request.isolation != Isolation::standard) return only_here("--isolation");
    nlohmann::json order;
    order["language"] = language.name;
    if (options.image) order["image"] = *options.image;
    order["libraries"] = libraries.requirements;
    order["limits"] = limits_of(request.limits);
    order["full_network"] = request.network == Network::full;
    order["labels"] = nlohmann::json::object();
    const std::string_view prefix = user_label_prefix;
    for (const auto& [key, value] : request.labels)
        if (key.starts_with(prefix)) order["labels"][key.substr(prefix.size())] = value;
    return order;
}

Result<nlohmann::json> remote_run_order(const RunOptions& options, const Language& language,
                                        const LibraryRequest& libraries, const RunRequest& request)
{
    auto order = remote_order(options, language, libraries, request);
    if (!order) return order;
    (*order)["preload"] = options.preload;
    (*order)["no_time_limit"] = !request.limits.wall_ms;
    (*order)["pooled"] = request.standby;
    return order;
}

}  // namespace sbx::cli
