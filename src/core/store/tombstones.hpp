#pragma once

#include "core/sandbox/sandbox_record.hpp"
#include "core/store/database.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sbx {

/// Why a sandbox is no more. Times are Unix milliseconds.
struct Tombstone {
    std::string id;
    std::string name;   ///< may be empty
    std::string owner;  ///< id of the key that made it; empty: made without one
    Cause cause = Cause::lost;
    std::chrono::milliseconds created{0};
    std::chrono::milliseconds ended{0};
    std::map<std::string, std::string> labels;

    bool operator==(const Tombstone&) const = default;
};

/// The tombstones in a store. Blocking; errors are the database's and those that are named.
class Tombstones {
   public:
    explicit Tombstones(Database& database) : database_(database) {}

    /// One for the same sandbox that is there already stays: the first cause counts.
    Result<void> add(const Tombstone& tombstone);
    /// @param owner  absent: whoever it is
    /// @error not_found  there is none, or it is another's
    Result<Tombstone> find(std::string_view id, const std::optional<std::string>& owner);
    /// Latest end first.
    Result<std::vector<Tombstone>> list(const std::optional<std::string>& owner, std::size_t limit);
    /// Forgets those that ended before `before`, and all but the latest `most`.
    /// @return how many
    Result<std::size_t> prune(std::chrono::milliseconds before, std::size_t most);

   private:
    Database& database_;
};

}  // namespace sbx
