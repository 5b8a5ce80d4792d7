#include "core/store/api_key.hpp"

namespace sbx {
namespace {

constexpr std::size_t id_digits = 8;

}  // namespace

ApiKey key_of_secret(std::string_view secret, std::string name)
{
    ApiKey key;
    key.digest = digest_of(secret);
    key.id = to_hex(key.digest).substr(0, id_digits);
    key.name = std::move(name);
    return key;
}

}  // namespace sbx
