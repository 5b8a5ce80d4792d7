#pragma once

#include "core/store/database.hpp"

#include <boost/describe/enum.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sbx {

/// What made a session of files.
enum class FileSessionKind { execution, upload };
BOOST_DESCRIBE_ENUM(FileSessionKind, execution, upload)

/// A set of files that belong together. Times are Unix milliseconds.
struct FileSession {
    std::string id;
    FileSessionKind kind = FileSessionKind::execution;
    std::string tenant;       ///< of its owner, as a token names it; empty: it was made with a key, or without one
    std::string subject;      ///< the owner: a token's, or a key's id
    std::string entity_kind;  ///< what an upload was said to be for: user, agent, skill; empty: nothing was said
    std::string entity_id;    ///< whose it is there
    std::string entity_version;
    std::string language;  ///< of what ran in it last
    std::chrono::milliseconds created{0};
    std::chrono::milliseconds used{0};

    bool operator==(const FileSession&) const = default;
};

/// A file, which never changes: another content has another id.
struct IndexedFile {
    std::string id;
    std::string session;  ///< that it was made in
    std::string name;     ///< in the session where it was looked for; relative, with its directories
    std::uint64_t bytes = 0;
    std::string type;    ///< of its content: "text/csv"
    std::string digest;  ///< SHA-256, hexadecimal
    bool read_only = false;
    std::chrono::milliseconds created{0};

    bool operator==(const IndexedFile&) const = default;
};

/// A file with the session in which it was looked for.
struct FoundFile {
    FileSession session;
    IndexedFile file;
};

/// What happened to a session, to be written down as a whole.
struct FileSessionChange {
    FileSession session;             ///< made where there is none of its id; else it was used
    std::vector<IndexedFile> added;  ///< a name that is there already means the new file from now on
    /// Files of other sessions that are found in this one too: ids, and names here.
    std::vector<std::pair<std::string, std::string>> aliases;
    std::vector<std::string> removed;  ///< names that are listed no longer; their files are still found by id
};

struct FileSessionEntry {
    FileSession session;
    std::size_t files = 0;  ///< that are listed
};

/// What is known of stored files; their content is elsewhere. Blocking; errors are the database's and those named.
class FileIndex {
   public:
    explicit FileIndex(Database& database) : database_(database) {}

    /// @error conflict  an id is taken
    Result<void> apply(const FileSessionChange& change);

    /// Also notes that it was used.
    /// @error not_found
    Result<FoundFile> find(std::string_view session, std::string_view file, std::chrono::milliseconds now);
    /// @return of those that are there, in the order of the questions; nothing for one that is not
    Result<std::vector<std::optional<FoundFile>>> find_all(
        const std::vector<std::pair<std::string, std::string>>& wanted, std::chrono::milliseconds now);
    /// In the session where it was made.
    /// @error not_found
    Result<FoundFile> find_anywhere(std::string_view file, std::chrono::milliseconds now);
    /// @error not_found
    Result<FileSession> find_session(std::string_view session);
    /// What a session lists, by name; each counts as used.
    Result<std::vector<IndexedFile>> list(std::string_view session, std::chrono::milliseconds now);
    /// Those of an owner that executions made after `since`, newest first.
    Result<std::vector<FileSessionEntry>> list_sessions(std::string_view tenant, std::string_view subject,
                                                        std::chrono::milliseconds since);

    /// Forgets a file wherever it is found.
    /// @error not_found
    Result<void> remove(std::string_view file);
    /// Forgets a session and what was made in it.
    /// @return ids of those files
    /// @error not_found
    Result<std::vector<std::string>> remove_session(std::string_view session);
    /// Forgets what was not used since `before`.
    /// @return ids of those files
    Result<std::vector<std::string>> prune(std::chrono::milliseconds before);
    /// Ids of all.
    Result<std::vector<std::string>> all();

   private:
    Result<void> touch(std::string_view file, std::chrono::milliseconds now);
    Result<FoundFile> found(std::string_view session, std::string_view file);
    Result<std::vector<std::string>> texts(Statement& statement);
    Result<void> forget(const std::vector<std::string>& files);

    Database& database_;
};

}  // namespace sbx
