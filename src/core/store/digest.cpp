#include "core/store/digest.hpp"

#include <boost/algorithm/hex.hpp>

#define OPENSSL_API_COMPAT 0x10101000L  // with the functions that need no set-up
#include <openssl/sha.h>

#include <charconv>
#include <iterator>

namespace sbx {

struct Digester::State {
    SHA256_CTX context;
};

Digester::Digester() : state_(std::make_unique<State>())
{
    SHA256_Init(&state_->context);
}

Digester::~Digester() = default;

void Digester::add(std::string_view bytes)
{
    SHA256_Update(&state_->context, bytes.data(), bytes.size());
}

Digest Digester::finish()
{
    static_assert(std::tuple_size_v<Digest> == SHA256_DIGEST_LENGTH);
    Digest digest{};
    SHA256_Final(digest.data(), &state_->context);
    return digest;
}

Digest digest_of(std::string_view bytes)
{
    Digester digester;
    digester.add(bytes);
    return digester.finish();
}

std::string to_hex(const Digest& digest)
{
    std::string hex;
    boost::algorithm::hex_lower(digest, std::back_inserter(hex));
    return hex;
}

std::optional<Digest> digest_from_hex(std::string_view text)
{
    Digest digest{};
    if (text.size() != 2 * digest.size()) return std::nullopt;
    if (text.find_first_not_of("0123456789abcdef") != std::string_view::npos) return std::nullopt;
    for (std::size_t i = 0; i < digest.size(); ++i) {
        const std::string_view pair = text.substr(2 * i, 2);
        std::from_chars(pair.begin(), pair.end(), digest.at(i), 16);
    }
    return digest;
}

}  // namespace sbx
