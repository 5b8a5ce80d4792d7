#pragma once

#include "core/store/api_key.hpp"
#include "core/store/database.hpp"
#include "core/store/key_ring.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace sbx {

/// The keys of a store at one time.
struct KeySnapshot {
    KeyRing ring;
    bool are_required = false;  ///< as `KeyTable::are_required`
    std::int64_t version = 0;   ///< another one once another connection has written
};

/// The API keys in a store. Blocking; errors are the database's and those that are named.
class KeyTable {
   public:
    explicit KeyTable(Database& database) : database_(database) {}

    /// Makes a key and remembers its digest alone.
    /// @error invalid_argument  no name for a key
    Result<NewApiKey> create(const std::string& name, KeyQuota quota, std::chrono::milliseconds now);
    /// All of them, revoked ones included, oldest first.
    Result<std::vector<ApiKey>> list();
    /// By id, or by a name that only one key has which is not revoked. A key stays revoked; what it made stays its own.
    /// @error not_found  no such key
    /// @error conflict   several have that name
    Result<ApiKey> revoke(std::string_view id_or_name, std::chrono::milliseconds now);
    /// Notes that a key was used.
    Result<void> touch(std::string_view id, std::chrono::milliseconds now);

    /// Whether callers must show a key. True from the first key on, even when all are revoked; and after a damaged
    /// store was set aside, since nobody knows which keys it had.
    Result<bool> are_required();
    /// Makes `are_required` true for ever.
    Result<void> require();

    /// @param known  version of a snapshot that the caller has
    /// @return nothing where that one is still right
    Result<std::optional<KeySnapshot>> snapshot(std::optional<std::int64_t> known);

   private:
    Database& database_;
};

}  // namespace sbx
