#include "daemon/access/signed_token.hpp"

#include "daemon/access/base64url.hpp"
#include "daemon/api/strict_json.hpp"
#include "daemon/http/ascii.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace sbx::daemon {
namespace {

using nlohmann::json;

constexpr double longest_life_seconds = 300;
constexpr std::size_t most_name_bytes = 256;        // of a tenant, of a subject
constexpr std::size_t most_token_id_letters = 256;  // characters, not bytes

Error refused()
{
    return {Errc::unauthenticated, "the token is not accepted"};
}

/// The three parts of a token, decoded.
struct Opened {
    json header;
    json claims;
    std::string signature;
    std::string_view signed_text;
};

std::optional<json> object_in(std::string_view part)
{
    const std::optional<std::string> text = from_base64url(part);
    if (!text) return std::nullopt;
    Result<json> object = parse_strict_json(*text);
    if (!object || !object->is_object()) return std::nullopt;
    return std::move(*object);
}

std::optional<Opened> open(std::string_view token)
{
    if (token.size() > most_token_bytes || std::ranges::count(token, '.') != 2) return std::nullopt;
    const std::size_t first = token.find('.');
    const std::size_t last = token.rfind('.');
    std::optional<json> header = object_in(token.substr(0, first));
    std::optional<json> claims = object_in(token.substr(first + 1, last - first - 1));
    std::optional<std::string> signature = from_base64url(token.substr(last + 1));
    if (!header || !claims || !signature) return std::nullopt;
    return Opened{std::move(*header), std::move(*claims), std::move(*signature), token.substr(0, last)};
}

/// @return null where there is none, or it is no text
const std::string* text_in(const json& object, const char* name)
{
    const auto at = object.find(name);
    return at == object.end() ? nullptr : at->get_ptr<const std::string*>();
}

bool is_text_or_missing(const json& object, const char* name)
{
    return !object.contains(name) || text_in(object, name);
}

/// A key for secrets is in no set: it has no id, and there is one at most.
bool is_only_one(const TokenRules& rules, const TokenKey& key)
{
    const auto is_secret = [](const TokenKey& k) { return k.algorithm() == TokenAlgorithm::hs256; };
    return std::ranges::count(rules.keys, is_secret(key), is_secret) == 1;
}

const TokenKey* key_for(const TokenRules& rules, const json& header)
{
    const std::string* id = text_in(header, "kid");
    const auto found = std::ranges::find_if(rules.keys, [&](const TokenKey& key) {
        return token_algorithm(*text_in(header, "alg")) == key.algorithm() &&
               (key.id() ? id && *id == *key.id() : is_only_one(rules, key));
    });
    return found == rules.keys.end() ? nullptr : &*found;
}

bool is_signed(const TokenRules& rules, const Opened& token)
{
    const json& header = token.header;
    const std::string* name = text_in(header, "alg");
    const std::optional<TokenAlgorithm> algorithm = name ? token_algorithm(*name) : std::nullopt;
    if (!algorithm || std::ranges::find(rules.algorithms, *algorithm) == rules.algorithms.end()) return false;
    if (!is_text_or_missing(header, "kid")) return false;
    if (header.contains("typ") && header["typ"] != "JWT") return false;
    // What stands there must be understood, and nothing is.
    if (header.contains("crit")) return false;
    const TokenKey* key = key_for(rules, header);
    return key && key->verifies(token.signed_text, token.signature);
}

bool is_for(const json& claims, const std::string& audience)
{
    const auto at = claims.find("aud");
    if (at == claims.end()) return false;
    if (!at->is_array()) return *at == audience;
    return std::ranges::all_of(*at, [](const json& each) { return each.is_string(); }) &&
           std::ranges::find(*at, json(audience)) != at->end();
}

/// Seconds since 1970, which may have a fraction.
std::optional<double> time_in(const json& claims, const char* name)
{
    const auto at = claims.find(name);
    if (at == claims.end() || !at->is_number()) return std::nullopt;
    return at->get<double>();
}

bool is_of_now(const json& claims, std::chrono::seconds clock_skew, std::chrono::system_clock::time_point now)
{
    const std::optional<double> issued = time_in(claims, "iat");
    const std::optional<double> begin = time_in(claims, "nbf");
    const std::optional<double> end = time_in(claims, "exp");
    if (!issued || !begin || !end) return false;
    const double present = std::chrono::duration<double>(now.time_since_epoch()).count();
    const double skew = static_cast<double>(clock_skew.count());
    return *issued <= present + skew && *begin <= present + skew && present < *end + skew && *issued < *end &&
           *end - *issued <= longest_life_seconds;
}

std::size_t letters_of(std::string_view utf8)
{
    return static_cast<std::size_t>(
        std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool says_what_it_must(const json& claims)
{
    constexpr std::array<std::string_view, 2> sources = {"librechat_jwt", "openid_reuse"};
    const std::string* id = text_in(claims, "jti");
    const std::string* source = text_in(claims, "principal_source");
    const std::string* context = text_in(claims, "auth_context_hash");
    return id && !id->empty() && letters_of(*id) <= most_token_id_letters && source &&
           std::ranges::find(sources, *source) != sources.end() && context && !context->empty() &&
           is_text_or_missing(claims, "role");
}

/// Of a tenant or a subject: what can be stored and compared, and joined by a NUL.
bool is_name(std::string_view text)
{
    return !trimmed(text).empty() && text.size() <= most_name_bytes && std::ranges::none_of(text, is_control);
}

}  // namespace

Result<TokenIdentity> verify(const TokenRules& rules, std::string_view token, std::chrono::system_clock::time_point now)
{
    const std::optional<Opened> opened = open(token);
    if (!opened || !is_signed(rules, *opened)) return refused();
    const json& claims = opened->claims;
    const std::string* issuer = text_in(claims, "iss");
    if (!issuer || *issuer != rules.issuer || !is_for(claims, rules.audience)) return refused();
    if (!is_of_now(claims, rules.clock_skew, now) || !says_what_it_must(claims)) return refused();
    const std::string* subject = text_in(claims, "sub");
    const std::string* tenant = text_in(claims, "tenant_id");
    if (!subject || !is_text_or_missing(claims, "tenant_id")) return refused();
    TokenIdentity identity{tenant ? *tenant : rules.tenant, *subject};
    if (!is_name(identity.tenant) || !is_name(identity.subject)) return refused();
    return identity;
}

}  // namespace sbx::daemon
