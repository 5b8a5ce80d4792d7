#include "core/libraries/libraries.hpp"

#include "core/libraries/removal.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sbx {
namespace {

MountedLibraries mounted(const LibrarySet& set, const LibraryRequest& request, const ImageInfo& image)
{
    MountedLibraries libraries;
    libraries.mount.volume = set.volume;
    libraries.mount.target = request.index->target;
    libraries.mount.labels[library_label] = set.key;
    libraries.variables = library_variables(*request.index, image.env);
    return libraries;
}

/// The set, as long as its volume is the one that was filled.
asio::awaitable<Result<std::optional<LibrarySet>>> find_whole(LibraryPlace place, LibraryStore store, std::string key)
{
    std::optional<LibrarySet> set = store.find(key);
    if (!set) co_return set;
    const Result<VolumeInfo> volume = co_await place.engine.volume(set->volume);
    if (!volume && volume.error().code != Errc::not_found) co_return volume.error();
    const bool is_whole = volume && volume->created == set->volume_created;
    if (!is_whole) set.reset();
    if (is_whole) store.touch(*set);
    co_return set;
}

}  // namespace

asio::awaitable<Result<MountedLibraries>> ensure_libraries(LibraryPlace place, LibraryRequest request,
                                                           InstallPolicy policy, Directories own,
                                                           std::function<void()> installing)
{
    const LibraryStore store(own.cache, place.endpoint);
    const std::string key = library_key(request, place.image.id, index_url(*request.index, policy));
    Result<std::optional<LibrarySet>> known = co_await find_whole(place, store, key);
    if (!known) co_return known.error();
    if (*known && !policy.upgrade) co_return mounted(**known, request, place.image);
    if (policy.offline)
        co_return Error(Errc::unavailable,
                        fmt::format("these libraries are not installed for {}, and --offline installs none: {}",
                                    place.image_name, fmt::join(request.requirements, ", ")),
                        "run once without --offline, or sbx cache import FILE");

    const auto asked = std::chrono::system_clock::now();
    const Result<FileLock> lock = co_await store.lock(key, policy.timeout);
    if (!lock) co_return lock.error();
    // Somebody else may have installed it meanwhile.
    known = co_await find_whole(place, store, key);
    if (!known) co_return known.error();
    const bool is_new = *known && asked < std::chrono::system_clock::time_point((*known)->installed);
    if (*known && (!policy.upgrade || is_new)) co_return mounted(**known, request, place.image);
    if (installing) installing();
    const Result<LibrarySet> fresh = co_await install_libraries(place, request, policy, store, own);
    if (!fresh) co_return fresh.error();
    if (const Result<void> added = store.add(*fresh); !added) {
        const Result<void> removed = co_await place.engine.remove_volume(fresh->volume);
        co_return added.error();
    }
    if (policy.most_bytes_of_all) co_await make_room(place.engine, store, *policy.most_bytes_of_all);
    co_return mounted(*fresh, request, place.image);
}

}  // namespace sbx
