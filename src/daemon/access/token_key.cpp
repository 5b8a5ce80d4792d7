#include "daemon/access/token_key.hpp"

#include "daemon/access/base64url.hpp"
#include "daemon/api/strict_json.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <utility>

namespace sbx::daemon {
namespace {

using nlohmann::json;

constexpr int least_rsa_bits = 2048;
constexpr std::size_t least_secret_bytes = 32;
constexpr std::size_t most_key_bytes = std::size_t{64} << 10;

Error wrong_key(std::string what)
{
    return Error(Errc::invalid_argument, std::move(what));
}

/// Failures stay in a queue of the thread, where TLS would take them for its own.
struct ErrorQueue {
    ErrorQueue() = default;
    ErrorQueue(const ErrorQueue&) = delete;
    ErrorQueue& operator=(const ErrorQueue&) = delete;
    ~ErrorQueue() { ERR_clear_error(); }
};

template <auto release>
struct Release {
    template <class T>
    void operator()(T* owned) const
    {
        release(owned);
    }
};
using Bio = std::unique_ptr<BIO, Release<BIO_free>>;
using Number = std::unique_ptr<BIGNUM, Release<BN_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Release<OSSL_PARAM_free>>;
using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, Release<OSSL_PARAM_BLD_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX_free>>;
using PublicKey = std::shared_ptr<EVP_PKEY>;

PublicKey owned(EVP_PKEY* key)
{
    return {key, Release<EVP_PKEY_free>()};
}

const unsigned char* bytes_of(std::string_view text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

Number number_of(std::string_view bytes)
{
    return Number(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

/// @return null where OpenSSL takes the numbers for no key
PublicKey rsa_key(std::string_view modulus, std::string_view exponent)
{
    const Number n = number_of(modulus);
    const Number e = number_of(exponent);
    const ParameterBuilder builder(OSSL_PARAM_BLD_new());
    if (OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
        return nullptr;
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    EVP_PKEY* key = nullptr;
    if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
        return nullptr;
    return owned(key);
}

PublicKey ed25519_key(std::string_view bytes)
{
    return owned(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(bytes), bytes.size()));
}

bool is_sound(EVP_PKEY* key)
{
    const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    return EVP_PKEY_public_check(context.get()) == 1;
}

/// @return nothing where it is no text
std::optional<std::string> text_in(const json& object, const char* name)
{
    const auto at = object.find(name);
    if (at == object.end() || !at->is_string()) return std::nullopt;
    return at->get<std::string>();
}

std::optional<std::string> bytes_in(const json& object, const char* name)
{
    const std::optional<std::string> text = text_in(object, name);
    return text ? from_base64url(*text) : std::nullopt;
}

/// What a key of a set says that it is for.
std::optional<TokenAlgorithm> algorithm_in(const json& entry)
{
    const std::string kind = text_in(entry, "kty").value_or("");
    const bool is_ed25519 = kind == "OKP" && text_in(entry, "crv") == "Ed25519";
    if (!is_ed25519 && kind != "RSA") return std::nullopt;
    const TokenAlgorithm algorithm = is_ed25519 ? TokenAlgorithm::ed_dsa : TokenAlgorithm::rs256;
    if (entry.contains("alg") && token_algorithm(text_in(entry, "alg").value_or("")) != algorithm) return std::nullopt;
    if (entry.contains("use") && text_in(entry, "use") != "sig") return std::nullopt;
    return algorithm;
}

Result<PublicKey> public_key_in(const json& entry, TokenAlgorithm algorithm)
{
    if (entry.contains("d")) return wrong_key("the set holds a private key");
    PublicKey key;
    if (algorithm == TokenAlgorithm::ed_dsa) {
        const std::optional<std::string> bytes = bytes_in(entry, "x");
        if (bytes) key = ed25519_key(*bytes);
    } else {
        const std::optional<std::string> modulus = bytes_in(entry, "n");
        const std::optional<std::string> exponent = bytes_in(entry, "e");
        if (modulus && exponent) key = rsa_key(*modulus, *exponent);
    }
    if (!key) return wrong_key("the set holds a malformed key");
    return key;
}

bool verifies_by_public_key(EVP_PKEY* key, TokenAlgorithm algorithm, std::string_view text, std::string_view signature)
{
    const EVP_MD* digest = algorithm == TokenAlgorithm::rs256 ? EVP_sha256() : nullptr;
    const DigestContext context(EVP_MD_CTX_new());
    return EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
           EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text), text.size()) == 1;
}

bool verifies_by_secret(std::string_view secret, std::string_view text, std::string_view signature)
{
    std::array<unsigned char, 32> expected{};
    unsigned size = 0;
    if (!HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes_of(text), text.size(),
              expected.data(), &size))
        return false;
    return size == expected.size() && signature.size() == size &&
           CRYPTO_memcmp(expected.data(), signature.data(), size) == 0;
}

}  // namespace

std::optional<TokenAlgorithm> token_algorithm(std::string_view name)
{
    if (name == "EdDSA") return TokenAlgorithm::ed_dsa;
    if (name == "RS256") return TokenAlgorithm::rs256;
    if (name == "HS256") return TokenAlgorithm::hs256;
    return std::nullopt;
}

Result<TokenKey> TokenKey::from_public_key(std::shared_ptr<evp_pkey_st> key, std::optional<std::string> id)
{
    const bool is_ed25519 = EVP_PKEY_is_a(key.get(), "ED25519") == 1;
    if (!is_ed25519 && EVP_PKEY_is_a(key.get(), "RSA") != 1) return wrong_key("the key is neither Ed25519 nor RSA");
    if (!is_ed25519 && EVP_PKEY_get_bits(key.get()) < least_rsa_bits)
        return wrong_key("the RSA key has less than 2048 bits");
    if (!is_sound(key.get())) return wrong_key("the key is not sound");
    TokenKey made(is_ed25519 ? TokenAlgorithm::ed_dsa : TokenAlgorithm::rs256, std::move(id));
    made.public_key_ = std::move(key);
    return made;
}

Result<TokenKey> TokenKey::from_pem(std::string_view pem, std::optional<std::string> id)
{
    const ErrorQueue queue;
    if (pem.size() > most_key_bytes) return wrong_key("the key is too long");
    const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    // Never asks for a password.
    const auto refuse = [](char*, int, int, void*) { return -1; };
    PublicKey key = owned(PEM_read_bio_PUBKEY(bio.get(), nullptr, refuse, nullptr));
    if (!key) return wrong_key("it is no public key in PEM");
    return from_public_key(std::move(key), std::move(id));
}

Result<TokenKey> TokenKey::from_secret(std::string_view secret)
{
    if (secret.size() < least_secret_bytes) return wrong_key("the secret has less than 32 bytes");
    if (secret.size() > most_key_bytes) return wrong_key("the secret is too long");
    if (secret.find("-----BEGIN ") != std::string_view::npos) return wrong_key("the secret is a key in PEM");
    TokenKey made(TokenAlgorithm::hs256, std::nullopt);
    made.secret_ = secret;
    return made;
}

bool TokenKey::verifies(std::string_view signed_text, std::string_view signature) const
{
    const ErrorQueue queue;
    if (!public_key_) return verifies_by_secret(secret_, signed_text, signature);
    return verifies_by_public_key(public_key_.get(), algorithm_, signed_text, signature);
}

Result<std::vector<TokenKey>> token_keys_of_set(std::string_view text)
{
    const ErrorQueue queue;
    const Result<json> set = parse_strict_json(text);
    if (!set || !set->is_object() || !set->contains("keys") || !(*set)["keys"].is_array())
        return wrong_key("it is no JSON object with a list of keys");
    std::vector<TokenKey> keys;
    for (const json& entry : (*set)["keys"]) {
        if (!entry.is_object()) return wrong_key("the set holds what is no key");
        const std::optional<TokenAlgorithm> algorithm = algorithm_in(entry);
        if (!algorithm) continue;
        Result<PublicKey> key = public_key_in(entry, *algorithm);
        if (!key) return key.error();
        if (entry.contains("kid") && !text_in(entry, "kid")) return wrong_key("the kid of a key is no text");
        Result<TokenKey> made = TokenKey::from_public_key(std::move(*key), text_in(entry, "kid"));
        if (!made) return made.error();
        keys.push_back(std::move(*made));
    }
    if (keys.empty()) return wrong_key("the set holds no key for EdDSA or RS256");
    return keys;
}

}  // namespace sbx::daemon
