#include "core/sandbox/short_hash.hpp"

#include <boost/algorithm/hex.hpp>

#define OPENSSL_API_COMPAT 0x10101000L  // with the functions that need no set-up
#include <openssl/sha.h>

#include <array>
#include <iterator>

namespace sbx {
namespace {

constexpr std::size_t digits = 32;

}  // namespace

/// Not by SHA256(): its first call sets all of OpenSSL up, which takes longer than everything else in a claim.
std::string short_hash(std::string_view text)
{
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, text.data(), text.size());
    SHA256_Final(digest.data(), &context);
    std::string hex;
    boost::algorithm::hex_lower(digest.begin(), digest.begin() + digits / 2, std::back_inserter(hex));
    return hex;
}

}  // namespace sbx
