#pragma once

#include "core/on_thread.hpp"
#include "core/store/store.hpp"
#include "daemon/api/route.hpp"

#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sbx::daemon {

/// Whom a request says that files are for.
struct FileEntity {
    std::string kind;  ///< user, agent, skill
    std::string id;
    std::string version;  ///< of a skill
};

/// 21 of 64 letters: 126 random bits.
std::string new_file_id();
/// Whether it has the form of one; whatever else is asked for is not there.
bool is_file_id(std::string_view text);

/// Whose sessions a caller's are: a token's tenant and subject, or a key.
std::pair<std::string, std::string> owner_of(const Caller& caller);
/// A token reads what is its own, and what its tenant has for an agent or a skill that it can name; it removes only
/// what is its own. Others read and remove what was made with their key.
bool may_read(const FileSession& session, const Caller& caller, const FileEntity& named);
bool may_remove(const FileSession& session, const Caller& caller);

/// Files that are kept beside the sandboxes that use them: their contents are here, in files of their ids' names; the
/// store has what is known of them. What may not be seen is not there. One thread, but for `run`.
///
/// @error not_found    there is no such thing, or not for the caller
/// @error unavailable  the store or the disk fails
class StoredFiles {
   public:
    /// @param store  outlives this
    StoredFiles(Store& store, std::filesystem::path directory) : store_(store), directory_(std::move(directory)) {}
    ~StoredFiles() { thread_.join(); }
    StoredFiles(const StoredFiles&) = delete;
    StoredFiles& operator=(const StoredFiles&) = delete;

    /// Makes the directory, and removes what runs of an earlier daemon left in it. Blocks.
    /// @error permission_denied, unavailable
    Result<void> open() const;
    std::filesystem::path place_of(const std::string& id) const { return directory_ / id; }
    /// For the results of a run, as long as it is under way; of the same file system.
    std::filesystem::path run_place(const std::string& id) const;

    /// Work that blocks, on the thread of files.
    template <std::invocable Work>
    asio::awaitable<std::invoke_result_t<Work>> run(Work work)
    {
        return run_on(thread_, std::move(work));
    }

    asio::awaitable<Result<void>> apply(FileSessionChange change) { return store_.apply_to_files(std::move(change)); }
    asio::awaitable<Result<FoundFile>> find(std::string session, std::string file, Caller caller, FileEntity named);
    asio::awaitable<Result<FoundFile>> find_anywhere(std::string file, Caller caller);
    /// @return in the order of the questions; nothing for what is not there
    asio::awaitable<Result<std::vector<std::optional<FoundFile>>>> find_all(
        std::vector<std::pair<std::string, std::string>> wanted);
    asio::awaitable<Result<FileSession>> find_session(std::string session, Caller caller, FileEntity named);
    /// Of a session that was found.
    asio::awaitable<Result<std::vector<IndexedFile>>> list(std::string session)
    {
        return store_.list_files(std::move(session));
    }
    asio::awaitable<Result<std::vector<FileSessionEntry>>> sessions(Caller caller, std::chrono::milliseconds since);
    /// Wherever it is found.
    asio::awaitable<Result<void>> remove(std::string session, std::string file, Caller caller);
    asio::awaitable<Result<void>> remove_session(std::string session, Caller caller);

    /// Removes what nobody used for so long, and contents of which the store knows nothing.
    asio::awaitable<Result<void>> tidy(std::chrono::milliseconds life);

   private:
    asio::awaitable<Result<void>> remove_contents(std::vector<std::string> ids);

    Store& store_;
    std::filesystem::path directory_;
    boost::asio::thread_pool thread_{1};
};

}  // namespace sbx::daemon
