#pragma once

#include "core/file_lock.hpp"
#include "core/libraries/library_request.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/describe/class.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sbx {

/// Label of the volumes that hold libraries; its value is the set's key.
inline constexpr const char* library_label = "sbx.libraries";
/// Whose they are: another user of the same engine has sets of their own, which are never taken for ours.
inline constexpr const char* library_owner_label = "sbx.libraries.owner";

/// An installed set of libraries: a volume of the engine, and what this host knows of it. Times are Unix milliseconds.
struct LibrarySet {
    std::string key;
    std::string language;  ///< that the index is named after
    std::vector<std::string> requirements;
    std::vector<std::string> files;  ///< names of the project's
    std::string image;               ///< the image's id
    std::string image_name;          ///< as the user knows it
    std::string volume;
    std::string volume_created;  ///< the engine's time stamp: a volume made anew is another one
    std::uint64_t bytes = 0;     ///< of the archive it was made of
    std::chrono::milliseconds installed{0};

    bool operator==(const LibrarySet&) const = default;
};
BOOST_DESCRIBE_STRUCT(LibrarySet, (),
                      (key, language, requirements, files, image, image_name, volume, volume_created, bytes, installed))

/// What a set is known by: the image, where the libraries come from and what was asked for.
/// @param url  of the index
std::string library_key(const LibraryRequest& request, const std::string& image, const std::string& url);
/// Whether a text could be one.
bool is_library_key(std::string_view text);

/// A name that no other volume has.
std::string new_library_volume(const std::string& key);
std::map<std::string, std::string> library_labels(const std::string& key, const std::string& owner);

/// The sets of this user on one engine: one file each in the cache directory, written when its volume is whole, and
/// never before.
class LibraryStore {
   public:
    /// @param cache     the user's cache directory
    /// @param endpoint  where the engine is
    LibraryStore(const std::filesystem::path& cache, const std::string& endpoint);

    std::optional<LibrarySet> find(const std::string& key) const;
    std::vector<LibrarySet> list() const;
    /// @error unavailable, permission_denied  the directory cannot be written
    Result<void> add(const LibrarySet& set) const;
    void forget(const LibrarySet& set) const;

    /// Remembers that a set is used now, and tells when one was last.
    void touch(const LibrarySet& set) const;
    std::chrono::system_clock::time_point last_used(const LibrarySet& set) const;

    /// Waits for whoever installs this set just now. The lock is free when its holder ends, however that is.
    /// @error deadline_exceeded  it took too long
    boost::asio::awaitable<Result<FileLock>> lock(std::string key, std::chrono::milliseconds patience) const;

    /// Whether somebody installs this set just now.
    bool is_locked(const std::string& key) const;

    /// The value of the owner label: made once, then the same for ever.
    /// @error unavailable, permission_denied  the directory cannot be written
    Result<std::string> owner() const;

    /// A name for an archive that is on its way. What a killed process left is removed in passing.
    Result<std::filesystem::path> new_archive() const;

   private:
    std::filesystem::path file_of(const std::string& key) const { return directory_ / (key + ".json"); }
    Result<void> make() const;

    std::filesystem::path directory_;
};

}  // namespace sbx
