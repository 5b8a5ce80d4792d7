#include "core/docker/container_config.hpp"
#include "core/docker/engine.hpp"
#include "core/docker/reply.hpp"
#include "core/docker/tar.hpp"
#include "core/docker/volume_archive.hpp"
#include "core/random.hpp"

#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <exception>
#include <map>
#include <string_view>

namespace sbx::docker {
namespace {

constexpr std::chrono::seconds copy_limit(30);
constexpr int max_carry_tries = 8;
constexpr std::size_t tar_entry_bytes = 4096;  // more than the headers and the padding of one
constexpr std::size_t most_fillings = 64;      // each leaves what came in; far more than ever fill one volume at once

VolumeInfo read_volume(const nlohmann::json& json)
{
    VolumeInfo volume;
    volume.name = json.at("Name").get<std::string>();
    volume.created = json.value("CreatedAt", "");
    if (json.contains("Labels") && json["Labels"].is_object()) json["Labels"].get_to(volume.labels);
    return volume;
}

/// Plain storage of the engine, not a view of some directory or of another machine.
bool is_plain(const nlohmann::json& json)
{
    return json.value("Driver", "") == "local" && (!json.contains("Options") || json["Options"].empty());
}

bool carries(const VolumeInfo& volume, const std::map<std::string, std::string>& labels)
{
    return std::all_of(labels.begin(), labels.end(), [&](const auto& label) {
        const auto at = volume.labels.find(label.first);
        return at != volume.labels.end() && at->second == label.second;
    });
}

/// Each file first under a name of its own and then, whole, as a link at its place: who starts a sandbox meanwhile
/// finds the old file, the new one or none, never a part of one.
std::vector<TarEntry> incoming_entries(const std::vector<VolumeFile>& files)
{
    const std::string suffix = random_hex(8);
    std::vector<TarEntry> entries;
    for (const VolumeFile& file : files) {
        TarEntry incoming;
        incoming.path = fmt::format("{}.{}", file.path, suffix);
        incoming.bytes = file.bytes;
        incoming.mode = file.mode;
        TarEntry link;
        link.path = file.path;
        link.mode = file.mode;
        link.link_to = incoming.path;
        entries.push_back(std::move(incoming));
        entries.push_back(std::move(link));
    }
    return entries;
}

std::string_view below_first_folder(std::string_view path)
{
    return path.substr(path.find('/') + 1);
}

/// @param entries  of a folder's tar, where one file's second name is a link to its first
bool has_all(const std::vector<TarEntry>& entries, const std::vector<VolumeFile>& files)
{
    std::map<std::string_view, const TarEntry*> found;
    for (const TarEntry& entry : entries) {
        if (!entry.is_file) continue;
        const auto linked = found.find(below_first_folder(entry.link_to));
        found[below_first_folder(entry.path)] = linked == found.end() ? &entry : linked->second;
    }
    return std::all_of(files.begin(), files.end(), [&](const VolumeFile& file) {
        const auto at = found.find(file.path);
        return at != found.end() && at->second->bytes == file.bytes && at->second->mode == file.mode;
    });
}

}  // namespace

asio::awaitable<Result<VolumeInfo>> Engine::make_volume(std::string name, std::map<std::string, std::string> labels)
{
    const nlohmann::json body = {{"Name", name}, {"Driver", "local"}, {"Labels", labels}};
    Request request(http::verb::post, "/volumes/create", body.dump());
    const Result<nlohmann::json> reply = co_await client_.call(std::move(request), default_limit);
    if (!reply) co_return reply.error();
    Result<VolumeInfo> volume = read_json(*reply, read_volume);
    if (!volume) co_return volume.error();
    // An existing volume comes back as it is.
    const Result<bool> plain = read_json(*reply, is_plain);
    if (!plain || !*plain || !carries(*volume, labels))
        co_return Error(Errc::permission_denied, fmt::format("the volume {} exists and is not one of sbx's", name),
                        fmt::format("docker volume rm {}", name));
    co_return volume;
}

asio::awaitable<Result<void>> Engine::fill_volume(std::string name, std::map<std::string, std::string> labels,
                                                  std::vector<VolumeFile> files, std::string image, bool refill)
{
    const Result<VolumeInfo> made = co_await make_volume(name, labels);
    if (!made) co_return made.error();
    CarrierWork fill = [this, &files, refill](std::string carrier) { return carry(std::move(carrier), files, refill); };
    co_return co_await with_carrier(std::move(name), std::move(labels), std::move(image), std::move(fill));
}

asio::awaitable<Result<void>> Engine::with_carrier(std::string volume, std::map<std::string, std::string> labels,
                                                   std::string image, CarrierWork work)
{
    const std::string carrier = "sbx-carrier-" + random_hex(8);
    labels.emplace("sbx.sandbox", carrier);  // so that the sweep finds what a killed process left
    const Result<std::string> id = co_await create_named(carrier, carrier_config(carrier, image, volume, labels));
    if (!id) co_return id.error();
    std::exception_ptr thrown;
    Result<void> done = Error(Errc::cancelled, "docker: cancelled");
    try {
        done = co_await work(*id);
    } catch (...) {
        thrown = std::current_exception();  // a catch block cannot co_await
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    const Result<void> removed = co_await remove(*id);
    co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    if (thrown) std::rethrow_exception(thrown);
    if (done && !removed) co_return removed.error();
    co_return done;
}

asio::awaitable<Result<void>> Engine::carry(std::string carrier, std::vector<VolumeFile> files, bool refill)
{
    Result<bool> whole = false;
    if (!refill) whole = co_await holds(carrier, files);
    Error last(Errc::internal, "docker: a volume does not hold what was written to it", "sbx doctor");
    // Another writer's link may come between: the engine removes the old file and makes the new one in two steps.
    for (int tries = 0; whole && !*whole && tries < max_carry_tries; ++tries) {
        const Result<void> put = co_await put_files(carrier, files);
        if (!put && put.error().code != Errc::internal) co_return put.error();
        if (!put) last = put.error();
        whole = co_await holds(carrier, files);
    }
    if (!whole) co_return whole.error();
    if (!*whole) co_return last;
    co_return Result<void>();
}

asio::awaitable<Result<void>> Engine::put_files(std::string carrier, std::vector<VolumeFile> files)
{
    Result<std::string> tar = write_tar(incoming_entries(files));
    if (!tar) co_return tar.error();
    Request request(http::verb::put, archive_target(carrier, "/.sbx"), std::move(*tar), "application/x-tar");
    const Result<nlohmann::json> put = co_await client_.call(std::move(request), copy_limit);
    if (!put) co_return put.error();
    co_return Result<void>();
}

asio::awaitable<Result<bool>> Engine::holds(std::string carrier, std::vector<VolumeFile> files)
{
    std::size_t cap = 0;
    for (const VolumeFile& file : files) cap += most_fillings * (file.bytes.size() + tar_entry_bytes);
    // All in one request: for each the engine mounts the container's files anew.
    Request request(http::verb::get, archive_target(carrier, "/.sbx"));
    const Result<std::string> tar = co_await client_.call_raw(std::move(request), copy_limit, cap);
    const bool absent = !tar && (tar.error().code == Errc::not_found || tar.error().code == Errc::too_large);
    if (absent) co_return false;
    if (!tar) co_return tar.error();
    const Result<std::vector<TarEntry>> entries = read_tar(*tar, cap);
    co_return entries&& has_all(*entries, files);
}

asio::awaitable<Result<std::vector<VolumeInfo>>> Engine::volumes(std::string label)
{
    const nlohmann::json filters = {{"label", {label}}};
    Request request(http::verb::get, "/volumes?filters=" + encoded(filters.dump()));
    const Result<nlohmann::json> reply = co_await client_.call(std::move(request), default_limit);
    if (!reply) co_return reply.error();
    co_return read_json(*reply, [](const nlohmann::json& json) {
        std::vector<VolumeInfo> volumes;
        if (json.at("Volumes").is_null()) return volumes;
        for (const auto& entry : json["Volumes"].get_ref<const nlohmann::json::array_t&>())
            volumes.push_back(read_volume(entry));
        return volumes;
    });
}

asio::awaitable<Result<VolumeInfo>> Engine::volume(std::string name)
{
    Request request(http::verb::get, "/volumes/" + encoded(name));
    const Result<nlohmann::json> reply = co_await client_.call(std::move(request), default_limit);
    if (!reply) co_return reply.error();
    co_return read_json(*reply, read_volume);
}

asio::awaitable<Result<void>> Engine::remove_volume(std::string name)
{
    Request request(http::verb::delete_, "/volumes/" + encoded(name));
    const Result<nlohmann::json> removed = co_await client_.call(std::move(request), default_limit);
    if (!removed) co_return removed.error();
    co_return Result<void>();
}

}  // namespace sbx::docker
