#pragma once

#include "core/store/api_key.hpp"

#include <string_view>
#include <utility>
#include <vector>

namespace sbx {

/// Keys in memory, for the check of every request (SECURITY-TARGETS §5).
class KeyRing {
   public:
    KeyRing() = default;
    /// @param keys  revoked ones open nothing
    explicit KeyRing(std::vector<ApiKey> keys) : keys_(std::move(keys)) {}

    /// Compares with every key in constant time, whatever was shown: nothing, a malformed text, a wrong or a right one.
    /// @return the key, valid as long as the ring is; or null
    const ApiKey* find(std::string_view secret) const;

    const std::vector<ApiKey>& keys() const { return keys_; }

   private:
    std::vector<ApiKey> keys_;
};

}  // namespace sbx
