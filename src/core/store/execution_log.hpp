#pragma once

#include "core/store/database.hpp"
#include "sbx/execution.hpp"

#include <boost/describe/enum.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace sbx {

/// How far an execution has come. How it ended is its record's matter; `cancelled` is one that its owner stopped.
enum class ExecutionState { queued, running, ended, cancelled };
BOOST_DESCRIBE_ENUM(ExecutionState, queued, running, ended, cancelled)

/// An execution as the daemon remembers it. Times are Unix milliseconds.
struct StoredExecution {
    std::string id;     ///< 32 hexadecimal digits, made by the daemon
    std::string owner;  ///< id of the key that asked for it; empty: asked for without one
    std::string language;
    std::string dialect;                 ///< that it was asked for in
    std::optional<std::string> sandbox;  ///< id, where it ran in one that stays
    ExecutionState state = ExecutionState::queued;
    std::optional<Reason> reason;  ///< absent until it ended
    std::optional<int> exit_code;  ///< as in its record
    std::chrono::milliseconds created{0};
    std::optional<std::chrono::milliseconds> started;
    std::optional<std::chrono::milliseconds> ended;
    std::string record;  ///< JSON text of the result record; empty until it ended, and when it was lost with a daemon
    std::string extra;   ///< JSON text that means something to the dialect alone; may be empty

    bool operator==(const StoredExecution&) const = default;
};

/// Which executions to list; what is absent does not matter.
struct ExecutionQuery {
    std::optional<std::string> owner;  ///< absent: of all, for the operator
    std::optional<ExecutionState> state;
    std::optional<std::string> language;
    std::optional<std::string> dialect;
    std::optional<std::string> sandbox;
    bool with_records = false;  ///< else `record` is left empty
    std::size_t limit = 50;     ///< 1 to 1,000
    std::string cursor;         ///< `next` of the page before; empty: from the newest on
    std::size_t offset = 0;     ///< how many of the newest are passed over
};

struct ExecutionPage {
    std::vector<StoredExecution> executions;  ///< newest first
    std::string next;                         ///< cursor of the next page, letters and digits; empty: this was the last
};

/// How much is remembered of executions that are over; 0: without a limit.
struct Retention {
    std::chrono::milliseconds age = std::chrono::hours(24 * 7);
    std::uint64_t total_bytes = std::uint64_t{1} << 30;
};

/// The executions in a store. Blocking; errors are the database's and those that are named.
class ExecutionLog {
   public:
    static constexpr std::size_t most_listed = 1000;
    static constexpr std::size_t most_record_bytes = std::size_t{64} << 20;
    static constexpr std::size_t most_extra_bytes = std::size_t{1} << 20;
    /// A page ends early once its texts are so large.
    static constexpr std::size_t most_page_bytes = std::size_t{16} << 20;

    explicit ExecutionLog(Database& database) : database_(database) {}

    /// @error conflict   the id is taken
    /// @error too_large  record or extra
    Result<void> insert(const StoredExecution& execution);
    /// Replaces all of it but id, owner and created.
    /// @error not_found  there is none of this id and owner
    /// @error too_large  record or extra
    Result<void> update(const StoredExecution& execution);
    /// @param owner  absent: whoever it is
    /// @error not_found  there is none, or it is another's
    Result<StoredExecution> find(std::string_view id, const std::optional<std::string>& owner);
    /// A page is found as fast among many as among few. What comes in meanwhile changes no later page.
    /// @error invalid_argument  a cursor that is none, or a limit out of range
    Result<ExecutionPage> list(const ExecutionQuery& query);
    /// How many the query means, whatever its limit and cursor.
    Result<std::uint64_t> count(const ExecutionQuery& query);
    /// @error not_found  there is none, or it is another's
    Result<void> remove(std::string_view id, const std::optional<std::string>& owner);
    /// Forgets the oldest of those that are over.
    /// @return how many
    Result<std::size_t> prune(const Retention& retention, std::chrono::milliseconds now);
    /// Ends what a daemon left queued or running: state ended, reason lost.
    /// @return how many
    Result<std::size_t> end_lost(std::chrono::milliseconds now);

   private:
    /// Of those that are over, all that come after the newest `total_bytes`. @return how many
    Result<std::int64_t> remove_beyond(std::uint64_t total_bytes);

    Database& database_;
};

}  // namespace sbx
