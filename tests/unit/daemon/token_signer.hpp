#pragma once

#include "catch.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <nlohmann/json.hpp>

#include <array>
#include <memory>
#include <string>
#include <string_view>

namespace test {

inline std::string base64url(std::string_view bytes)
{
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), reinterpret_cast<const unsigned char*>(bytes.data()),
                    static_cast<int>(bytes.size()));
    text.resize(text.find_first_of(std::string_view("=\0", 2)));
    for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
    return text;
}

/// A pair of keys that OpenSSL made, and what is told of the public one.
class KeyPair {
   public:
    static KeyPair ed25519() { return KeyPair(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), nullptr); }
    static KeyPair rsa(std::size_t bits)
    {
        return KeyPair(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits), EVP_sha256());
    }
    static KeyPair p256() { return KeyPair(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), EVP_sha256()); }

    std::string sign(const std::string& text) const
    {
        const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
        std::string signature(2048, '\0');
        std::size_t size = signature.size();
        REQUIRE(EVP_DigestSignInit(context.get(), nullptr, digest_, nullptr, key_.get()) == 1);
        REQUIRE(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                               reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1);
        signature.resize(size);
        return signature;
    }

    std::string public_pem() const
    {
        return pem([&](BIO* bio) { return PEM_write_bio_PUBKEY(bio, key_.get()); });
    }
    std::string private_pem() const
    {
        return pem(
            [&](BIO* bio) { return PEM_write_bio_PrivateKey(bio, key_.get(), nullptr, nullptr, 0, nullptr, nullptr); });
    }

    /// For a key set.
    nlohmann::json jwk() const
    {
        if (!digest_) {
            std::array<unsigned char, 32> bytes{};
            std::size_t size = bytes.size();
            REQUIRE(EVP_PKEY_get_raw_public_key(key_.get(), bytes.data(), &size) == 1);
            return {
                {"kty", "OKP"}, {"crv", "Ed25519"}, {"x", base64url({reinterpret_cast<char*>(bytes.data()), size})}};
        }
        return {{"kty", "RSA"}, {"n", number(OSSL_PKEY_PARAM_RSA_N)}, {"e", number(OSSL_PKEY_PARAM_RSA_E)}};
    }

   private:
    KeyPair(EVP_PKEY* key, const EVP_MD* digest) : key_(key, EVP_PKEY_free), digest_(digest) { REQUIRE(key); }

    template <class Write>
    static std::string pem(Write write)
    {
        const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
        REQUIRE(write(bio.get()) == 1);
        std::string text(1 << 14, '\0');
        text.resize(static_cast<std::size_t>(BIO_read(bio.get(), text.data(), static_cast<int>(text.size()))));
        return text;
    }
    std::string number(const char* name) const
    {
        BIGNUM* value = nullptr;
        REQUIRE(EVP_PKEY_get_bn_param(key_.get(), name, &value) == 1);
        std::string bytes(static_cast<std::size_t>(BN_num_bytes(value)), '\0');
        BN_bn2bin(value, reinterpret_cast<unsigned char*>(bytes.data()));
        BN_free(value);
        return base64url(bytes);
    }

    std::shared_ptr<EVP_PKEY> key_;
    const EVP_MD* digest_;
};

inline std::string hmac(const std::string& secret, const std::string& text)
{
    std::string mac(32, '\0');
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), reinterpret_cast<unsigned char*>(mac.data()),
         nullptr);
    return mac;
}

/// A token of these texts, whose signature `sign` makes.
template <class Sign>
std::string token(const std::string& header, const std::string& claims, Sign sign)
{
    const std::string text = base64url(header) + "." + base64url(claims);
    return text + "." + base64url(sign(text));
}

}  // namespace test
