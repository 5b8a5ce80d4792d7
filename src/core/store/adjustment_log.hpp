#pragma once

#include "core/store/database.hpp"

#include <boost/describe/enum.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sbx {

/// What has become of an adjustment.
enum class AdjustmentState { pending, delivered, refused };
BOOST_DESCRIBE_ENUM(AdjustmentState, pending, delivered, refused)

/// A change to a processor that the backend is to be told of. Times are Unix milliseconds.
struct StoredAdjustment {
    std::string id;         ///< UUID, made by the daemon
    std::string owner;      ///< id of the key that asked for it; empty: asked for without one
    std::string processor;  ///< its id at the backend
    AdjustmentState state = AdjustmentState::pending;
    std::int64_t attempts = 0;
    std::string last_error;                      ///< of the last attempt; empty: none
    std::optional<std::int64_t> backend_status;  ///< of the backend's last answer, where it gave one
    std::chrono::milliseconds created{0};
    std::optional<std::chrono::milliseconds> ended;  ///< absent while it is pending
    std::string body;                                ///< JSON text that is sent; empty once it has ended

    bool operator==(const StoredAdjustment&) const = default;
};

/// One that is still to be told.
struct PendingAdjustment {
    std::string id;
    std::string processor;

    bool operator==(const PendingAdjustment&) const = default;
};

/// The adjustments in a store. Blocking; errors are the database's and those that are named.
class AdjustmentLog {
   public:
    explicit AdjustmentLog(Database& database) : database_(database) {}

    /// @param most_pending  as many may be pending, this one included
    /// @error resource_exhausted  there are so many already
    /// @error conflict            the id is taken
    Result<void> insert(const StoredAdjustment& adjustment, std::size_t most_pending);
    /// Replaces state, attempts, last_error, backend_status and ended; the body goes once it has ended.
    /// @error not_found  there is none of this id
    Result<void> update(const StoredAdjustment& adjustment);
    /// @param owner  absent: whoever it is
    /// @error not_found  there is none, or it is another's
    Result<StoredAdjustment> find(std::string_view id, const std::optional<std::string>& owner);
    /// In the order in which they came.
    Result<std::vector<PendingAdjustment>> pending();
    /// Forgets those that ended before `before`, and all but the latest `most` that have ended.
    /// @return how many
    Result<std::size_t> prune(std::chrono::milliseconds before, std::size_t most);

   private:
    Database& database_;
};

}  // namespace sbx
