#pragma once

#include "core/store/store.hpp"
#include "daemon/access/failure_limit.hpp"
#include "daemon/api/access.hpp"

namespace sbx::daemon {

/// Lets in the owner of the Unix socket, whoever shows a key of the store, and on loopback anybody until there is one
/// (SECURITY-TARGETS §5). One thread.
class KeyAccess : public Access {
   public:
    /// @param store  outlives this
    explicit KeyAccess(Store& store) : store_(store) {}

    asio::awaitable<Result<Caller>> identify(const RequestHead& head) override;

    /// The same for what anybody may ask: nothing is said of whom `identify` would refuse, and who shows no key has not
    /// failed.
    asio::awaitable<std::optional<Caller>> recognize(const RequestHead& head);

    /// Whether whoever was let in by the key of this id would be so again, as of the last look at the keys.
    bool still_counts(const std::string& key) const;

   private:
    Store& store_;
    FailureLimit failures_;
};

/// What a request shows: `Authorization: Bearer` or `X-API-Key`; empty where it shows nothing.
std::string shown_key(const http::fields& fields);

}  // namespace sbx::daemon
