#pragma once

#include "core/store/store.hpp"
#include "daemon/access/failure_limit.hpp"
#include "daemon/access/signed_token.hpp"
#include "daemon/api/access.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sbx::daemon::librechat {

inline constexpr const char* name = "librechat";

/// The key of whoever has named none.
inline constexpr const char* usual_key = "dev-ci-key";

struct AccessOptions {
    std::vector<std::string> keys{usual_key};
    bool needs_key = true;           ///< else everybody may
    bool is_open_to_others = false;  ///< everybody may, at any address: somebody has said so
    std::optional<TokenRules> tokens;

    /// Whether it is enough where others can reach it.
    /// @error permission_denied
    Result<void> check_for_others() const;
};

/// Lets in whoever shows one of these keys, a key of the store, or a token (docs/dialects.md, "Who may use it"). One
/// thread.
class ClientAccess : public Access {
   public:
    /// @param store  outlives this
    ClientAccess(Store& store, AccessOptions options);

    asio::awaitable<Result<Caller>> identify(const RequestHead& head) override;
    /// Whoever has none of the store's keys is the dialect's own.
    std::string label_of(const Caller& caller) const override { return caller.key.empty() ? name : caller.key; }

   private:
    bool is_key(const std::string& shown) const;
    asio::awaitable<std::optional<Caller>> recognize(const RequestHead& head);

    Store& store_;
    AccessOptions options_;
    std::vector<Digest> keys_;
    FailureLimit failures_;
};

}  // namespace sbx::daemon::librechat
