#pragma once

#include "sbx/result.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;

namespace sbx::daemon {

/// How a token may be signed, by JSON Web Algorithms' names.
enum class TokenAlgorithm { ed_dsa, rs256, hs256 };

/// @return nothing for `none` and all others
std::optional<TokenAlgorithm> token_algorithm(std::string_view name);

/// One key that tokens are verified with. It has one algorithm, so that no token can choose how it is used.
/// @source RFC 7518, sections 3.2 and 3.3; RFC 8037
class TokenKey {
   public:
    /// Of a public key as PEM (SubjectPublicKeyInfo): Ed25519, or RSA of 2048 bits at least.
    /// @error invalid_argument  it is something else
    static Result<TokenKey> from_pem(std::string_view pem, std::optional<std::string> id);

    /// Of a shared secret.
    /// @error invalid_argument  it has less than 32 bytes, or is a key in PEM: whoever knows a public key could sign
    static Result<TokenKey> from_secret(std::string_view secret);

    TokenAlgorithm algorithm() const { return algorithm_; }
    const std::optional<std::string>& id() const { return id_; }
    bool verifies(std::string_view signed_text, std::string_view signature) const;

   private:
    friend Result<std::vector<TokenKey>> token_keys_of_set(std::string_view json);

    TokenKey(TokenAlgorithm algorithm, std::optional<std::string> id) : algorithm_(algorithm), id_(std::move(id)) {}
    static Result<TokenKey> from_public_key(std::shared_ptr<evp_pkey_st> key, std::optional<std::string> id);

    TokenAlgorithm algorithm_;
    std::optional<std::string> id_;
    std::shared_ptr<evp_pkey_st> public_key_;
    std::string secret_;  ///< where there is no public key
};

/// The keys of a JSON Web Key Set that can verify tokens. Those of other kinds, for other uses and for other algorithms
/// are passed over.
/// @error invalid_argument  it is none, has a malformed or a private key, or none that can be used
/// @source RFC 7517; RFC 8037
Result<std::vector<TokenKey>> token_keys_of_set(std::string_view json);

}  // namespace sbx::daemon
