#pragma once

#include "core/config/directories.hpp"
#include "daemon/access/token_key.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace sbx::daemon {

/// Which tokens count.
struct TokenRules {
    std::vector<TokenKey> keys;
    std::vector<TokenAlgorithm> algorithms = {TokenAlgorithm::ed_dsa, TokenAlgorithm::rs256};
    std::string issuer = "librechat";
    std::string audience = "codeapi";
    std::chrono::seconds clock_skew{30};
    std::string tenant = "legacy";  ///< of tokens that name none
};

/// The rules that the variables `CODEAPI_JWT_…` say (docs/dialects.md, librechat): the keys of all of them together.
/// Reads the files of `CODEAPI_JWT_PUBLIC_KEYS_DIR`.
/// @return nothing where none of them gives a key
/// @error invalid_argument  one is wrong, which the message names; or keys could not be told from each other
Result<std::optional<TokenRules>> token_rules_from(const Environment& environment);

}  // namespace sbx::daemon
