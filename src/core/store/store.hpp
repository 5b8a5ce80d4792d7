#pragma once

#include "core/store/adjustment_log.hpp"
#include "core/store/execution_log.hpp"
#include "core/store/file_index.hpp"
#include "core/store/key_table.hpp"
#include "core/store/store_health.hpp"
#include "core/store/tombstones.hpp"
#include "core/store/worker.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sbx {

namespace asio = boost::asio;

struct StoreOptions {
    Retention executions;
    std::chrono::milliseconds tombstone_age = std::chrono::hours(24 * 7);
    std::size_t most_tombstones = 10'000;
    std::chrono::milliseconds adjustment_age = std::chrono::hours(24 * 7);  ///< of those that have ended
    std::size_t most_ended_adjustments = 10'000;
    std::uint64_t most_file_bytes = std::uint64_t{4} << 30;       ///< of the store's file; 0: without a limit
    std::uint64_t reserved_disk_bytes = std::uint64_t{16} << 20;  ///< `check_space` wants so much free
};

/// What was found when the store was opened.
struct StoreReport {
    std::optional<std::filesystem::path> set_aside;  ///< a damaged or alien file is here now, and all was begun anew
    std::size_t lost_executions = 0;                 ///< that an earlier daemon left queued or running
};

/// All that the daemon must remember. Its methods are called from the one thread of the io_context; the work is done by
/// a thread of its own, in the order of the calls, and the results come back on the caller's executor. Nothing throws.
///
/// @error unavailable  the store cannot be read or written (`health` says why), or is closed
/// @cancel none: what was begun is done, whoever waits for it
class Store {
   public:
    /// Takes the daemon's lock, opens the store, ends lost executions and forgets what is too old. Blocking.
    /// @param state  the user's state directory
    /// @error conflict           another daemon uses this directory; or a newer sbx wrote the store
    /// @error permission_denied  its files are open to others, another user's, or cannot be made
    /// @error unavailable        its disk cannot be read or written
    static Result<std::unique_ptr<Store>> open(const std::filesystem::path& state, StoreOptions options);

    /// Waits until all that was begun is done.
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    const StoreReport& report() const { return report_; }

    // Executions: see `ExecutionLog`.
    asio::awaitable<Result<void>> add_execution(StoredExecution execution);
    /// Writes down how one ended, a moment later and together with others that end meanwhile: writing each by itself
    /// would slow the next one. Whatever else is asked of the store comes after it.
    /// @param describe  called when it is written
    /// @param is_new    it was never added
    asio::awaitable<void> end_execution(std::function<StoredExecution()> describe, bool is_new);
    asio::awaitable<Result<StoredExecution>> find_execution(std::string id, std::optional<std::string> owner);
    asio::awaitable<Result<ExecutionPage>> list_executions(ExecutionQuery query);
    asio::awaitable<Result<std::uint64_t>> count_executions(ExecutionQuery query);
    asio::awaitable<Result<void>> remove_execution(std::string id, std::optional<std::string> owner);

    // Tombstones: see `Tombstones`.
    asio::awaitable<Result<void>> add_tombstone(Tombstone tombstone);
    asio::awaitable<Result<Tombstone>> find_tombstone(std::string id, std::optional<std::string> owner);
    asio::awaitable<Result<std::vector<Tombstone>>> list_tombstones(std::optional<std::string> owner,
                                                                    std::size_t limit);

    // Adjustments: see `AdjustmentLog`.
    asio::awaitable<Result<void>> add_adjustment(StoredAdjustment adjustment, std::size_t most_pending);
    asio::awaitable<Result<void>> update_adjustment(StoredAdjustment adjustment);
    asio::awaitable<Result<StoredAdjustment>> find_adjustment(std::string id, std::optional<std::string> owner);
    asio::awaitable<Result<std::vector<PendingAdjustment>>> pending_adjustments();

    // Files: see `FileIndex`.
    asio::awaitable<Result<void>> apply_to_files(FileSessionChange change);
    asio::awaitable<Result<FoundFile>> find_file(std::string session, std::string file);
    asio::awaitable<Result<FoundFile>> find_file_anywhere(std::string file);
    asio::awaitable<Result<std::vector<std::optional<FoundFile>>>> find_files(
        std::vector<std::pair<std::string, std::string>> wanted);
    asio::awaitable<Result<FileSession>> find_file_session(std::string session);
    asio::awaitable<Result<std::vector<IndexedFile>>> list_files(std::string session);
    asio::awaitable<Result<std::vector<FileSessionEntry>>> list_file_sessions(std::string tenant, std::string subject,
                                                                              std::chrono::milliseconds since);
    asio::awaitable<Result<void>> remove_file(std::string file);
    asio::awaitable<Result<std::vector<std::string>>> remove_file_session(std::string session);
    asio::awaitable<Result<std::vector<std::string>>> prune_files(std::chrono::milliseconds before);
    asio::awaitable<Result<std::vector<std::string>>> all_files();

    /// Forgets what the options let it forget. To be called now and then, every ten minutes say.
    /// @return how many executions
    asio::awaitable<Result<std::size_t>> prune();

    /// The key of a secret, compared as `KeyRing` does; its use is noted at most once a minute. What another process
    /// changed of the keys (`sbx key`) counts a second later at most.
    /// @return nothing when no such key opens anything
    asio::awaitable<std::optional<ApiKey>> find_key(std::string secret);
    /// Whether callers must show a key, as `KeyTable::are_required` says; as of the last look at the keys.
    bool requires_key() const { return requires_key_; }
    /// All keys, as of the last look.
    const KeyRing& keys() const { return keys_; }
    /// What the key of this id may use, as of the last look; nothing is said for an id that no key has.
    KeyQuota quota_of(std::string_view id) const;
    /// Looks at the keys again, on SIGHUP say.
    asio::awaitable<Result<void>> reload_keys();
    // For the API, see `KeyTable`; what changes counts at once.
    asio::awaitable<Result<std::vector<ApiKey>>> list_keys();
    asio::awaitable<Result<NewApiKey>> create_key(std::string name, KeyQuota quota);
    asio::awaitable<Result<ApiKey>> revoke_key(std::string id_or_name);

    /// How the last writes went. `full`: new sessions get HTTP 507.
    StoreHealth health() const { return is_disk_low_ ? StoreHealth::full : worker_->health(); }
    /// Whether there is room for a further session: looks at the disk, and tries a write when the last one failed, at
    /// most once a second; `health` follows.
    /// @error unavailable  no; when `health` is `full`, the answer is HTTP 507
    asio::awaitable<Result<void>> check_space();

    /// Completes when all that was begun before it is done and written to the disk.
    asio::awaitable<Result<void>> flush();
    /// Refuses what comes from now on, waits for what was begun, and closes the file. Blocking.
    void close();

   private:
    Store(std::unique_ptr<StoreWorker> worker, std::filesystem::path state, StoreOptions options, StoreReport report);
    void take(KeySnapshot keys);
    asio::awaitable<Result<void>> look_at_keys(std::optional<std::int64_t> known);
    void note_use(const ApiKey& key);

    std::unique_ptr<StoreWorker> worker_;
    std::filesystem::path state_;
    StoreOptions options_;
    StoreReport report_;
    KeyRing keys_;
    bool requires_key_ = false;
    std::int64_t keys_version_ = 0;
    std::chrono::steady_clock::time_point keys_seen_;
    std::chrono::steady_clock::time_point space_seen_;
    std::map<std::string, std::chrono::steady_clock::time_point> used_;  ///< when a key's use was last written
    Result<void> space_;
    bool is_disk_low_ = false;
};

}  // namespace sbx
