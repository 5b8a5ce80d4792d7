#pragma once

#include "daemon/api/schema.hpp"
#include "daemon/interpreter/stored_files.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sbx::daemon {

/// A stored file as a request names it: `{id, session_id, name}`, or `{id, storage_session_id, resource_id, name, kind,
/// version}` of newer clients.
struct FileReference {
    std::string id;
    std::string session;              ///< where it is to be looked for
    std::optional<std::string> name;  ///< below the work directory; absent: as it is stored
    bool is_newer = false;            ///< its client wants to be told of files that are as they were
    nlohmann::json kind;              ///< as it came; null: absent, as for the next two
    nlohmann::json resource;
    nlohmann::json version;

    FileEntity entity() const;
};

void read_json(Decoder& decoder, const nlohmann::json& in, FileReference& out);

template <>
struct JsonForm<FileReference> {
    static constexpr const char* name = "FileReference";
    static Schemas::Json schema(Schemas& schemas);
    static nlohmann::ordered_json write(const FileReference& reference);
};

/// A stored file in the work directory of a run.
struct MountedFile {
    FoundFile found;
    std::string name;                        ///< below the work directory
    std::optional<FileReference> reference;  ///< absent: it is one of the run's session
};

/// The files of a run, before it.
struct Mounts {
    std::vector<MountedFile> files;    ///< of different names
    std::vector<std::string> missing;  ///< names of those that are not there or may not be had
    std::vector<std::string> refused;  ///< of those names that no file may have
};

/// Finds what a run refers to. The last of several references of one name counts.
/// @param most  more are missing
/// @error what StoredFiles::find_all gives
asio::awaitable<Result<Mounts>> mount_references(StoredFiles& files, std::vector<FileReference> references,
                                                 std::size_t most, Caller caller);
/// The files of a session itself.
asio::awaitable<Result<Mounts>> mount_session(StoredFiles& files, FileSession session);

}  // namespace sbx::daemon
