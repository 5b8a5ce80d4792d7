#pragma once

#include "core/store/digest.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace sbx {

/// What a key may use; what is absent is the daemon's own setting.
struct KeyQuota {
    std::optional<std::uint32_t> max_sandboxes;
    std::optional<std::uint32_t> max_concurrent;  ///< executions at a time

    bool operator==(const KeyQuota&) const = default;
};

/// A key to the daemon's API, without its secret. Times are Unix milliseconds.
struct ApiKey {
    std::string id;    ///< the first 8 hexadecimal digits of its digest
    std::string name;  ///< letters, digits, `.`, `_`, `-`, at most 64; may be empty
    Digest digest{};   ///< of the secret
    KeyQuota quota;
    std::chrono::milliseconds created{0};
    std::optional<std::chrono::milliseconds> last_used;  ///< to a minute
    std::optional<std::chrono::milliseconds> revoked;

    bool operator==(const ApiKey&) const = default;
};

/// A key that was just made: the only time that its secret is seen.
struct NewApiKey {
    NewApiKey() = default;
    NewApiKey(ApiKey key_, std::string secret_) : key(std::move(key_)), secret(std::move(secret_)) {}

    ApiKey key;
    std::string secret;  ///< `sbx_` and 43 letters and digits, 256 bits from the kernel
};

/// A key of a secret that was fixed elsewhere: a document's, or the operator's.
ApiKey key_of_secret(std::string_view secret, std::string name);

}  // namespace sbx
