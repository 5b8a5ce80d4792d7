#include "catch.hpp"
#include "token_signer.hpp"
#include "token_vectors.hpp"

#include "daemon/access/signed_token.hpp"

#include <openssl/err.h>

using namespace sbx;
using namespace sbx::daemon;
using nlohmann::json;
using test::KeyPair;
using test::signed_at;

namespace {

const KeyPair& ed25519()
{
    static const KeyPair pair = KeyPair::ed25519();
    return pair;
}

const KeyPair& rsa()
{
    static const KeyPair pair = KeyPair::rsa(2048);
    return pair;
}

const std::string secret = "another secret of at least 32 bytes";

/// These keys, and the usual rules.
template <class... Keys>
TokenRules rules_of(const Keys&... keys)
{
    TokenRules rules;
    (rules.keys.push_back(*keys), ...);
    rules.algorithms = {TokenAlgorithm::ed_dsa, TokenAlgorithm::rs256, TokenAlgorithm::hs256};
    return rules;
}

TokenRules usual_rules()
{
    return rules_of(TokenKey::from_pem(ed25519().public_pem(), "one"));
}

json usual_header()
{
    return {{"alg", "EdDSA"}, {"typ", "JWT"}, {"kid", "one"}};
}

json usual_claims()
{
    return {{"iss", "librechat"},
            {"aud", "codeapi"},
            {"sub", "user_123"},
            {"iat", signed_at},
            {"nbf", signed_at},
            {"exp", signed_at + 300},
            {"jti", "0123"},
            {"tenant_id", "tenant_abc"},
            {"role", "USER"},
            {"principal_source", "librechat_jwt"},
            {"auth_context_hash", "abc"}};
}

std::string signed_by(const KeyPair& pair, const json& header, const json& claims)
{
    return test::token(header.dump(), claims.dump(), [&](const std::string& text) { return pair.sign(text); });
}

std::string signed_by_secret(const std::string& by, const json& header)
{
    return test::token(header.dump(), usual_claims().dump(),
                       [&](const std::string& text) { return test::hmac(by, text); });
}

std::chrono::system_clock::time_point at(std::int64_t seconds)
{
    return std::chrono::system_clock::time_point(std::chrono::seconds(seconds));
}

/// Ten seconds after it was made. Every refusal has the same words.
bool counts(const std::string& token, const TokenRules& rules = usual_rules(), std::int64_t now = signed_at + 10)
{
    const Result<TokenIdentity> identity = verify(rules, token, at(now));
    CHECK(ERR_peek_error() == 0);
    if (!identity) CHECK(identity.error() == Error(Errc::unauthenticated, "the token is not accepted"));
    return !!identity;
}

bool counts_with(const json& claims, std::int64_t now = signed_at + 10)
{
    return counts(signed_by(ed25519(), usual_header(), claims), usual_rules(), now);
}

json claims_with(const char* name, const json& value)
{
    json claims = usual_claims();
    claims[name] = value;
    return claims;
}

json header_with(const char* name, const json& value)
{
    json header = usual_header();
    header[name] = value;
    return header;
}

json claims_without(const char* name)
{
    json claims = usual_claims();
    claims.erase(name);
    return claims;
}

}  // namespace

TEST_CASE("tokens that another library made count")
{
    const auto [key, token] = GENERATE(table<Result<TokenKey>, std::string_view>(
        {{TokenKey::from_pem(test::foreign_ed25519_key, "lc-codeapi-2026-05"), test::foreign_ed25519_token},
         {TokenKey::from_pem(test::foreign_ed25519_key, std::nullopt), test::foreign_ed25519_token},
         {TokenKey::from_pem(test::foreign_rsa_key, "lc-codeapi-2026-05"), test::foreign_rsa_token},
         {TokenKey::from_secret(test::foreign_secret), test::foreign_secret_token}}));
    REQUIRE(key);
    const Result<TokenIdentity> identity = verify(rules_of(key), token, at(signed_at + 299));
    REQUIRE(identity);
    CHECK(*identity == TokenIdentity{"tenant_abc", "user_123"});
    CHECK_FALSE(counts(std::string(token), rules_of(key), signed_at + 330));
    CHECK_FALSE(counts(std::string(token)));
}

TEST_CASE("a token counts more than once")
{
    const std::string token = signed_by(ed25519(), usual_header(), usual_claims());
    const TokenRules rules = usual_rules();
    CHECK(counts(token, rules));
    CHECK(counts(token, rules));
}

TEST_CASE("no single byte of a token can be changed")
{
    const std::string token = signed_by(ed25519(), usual_header(), usual_claims());
    const TokenRules rules = usual_rules();
    for (std::size_t i = 0; i < token.size(); ++i) {
        for (const char other : std::string_view("A.=\0~\xff", 6)) {
            std::string changed = token;
            changed[i] = other;
            if (changed != token && counts(changed, rules)) FAIL("byte " << i);
        }
        if (counts(token.substr(0, i), rules)) FAIL("cut at " << i);
    }
}

TEST_CASE("what is no token is refused")
{
    const std::string sound = signed_by(ed25519(), usual_header(), usual_claims());
    const std::string token =
        GENERATE_COPY(as<std::string>(), "", ".", "..", "...", "a.b.c", "e30.e30.", "e30.e30.AAAA", " " + sound,
                      sound + " ", sound + ".", sound + "=", "." + sound, sound + "\n", sound + '\0',
                      std::string(100'000, 'A'), std::string(100'000, '.'), "Bearer " + sound,
                      sound.substr(0, sound.rfind('.') + 1), test::base64url("[]") + sound.substr(sound.find('.')));
    CAPTURE(token);
    CHECK_FALSE(counts(token));
}

TEST_CASE("a part that is no JSON object is refused though it is signed")
{
    const auto sign = [](const std::string& text) { return ed25519().sign(text); };
    const std::string part =
        GENERATE(as<std::string>(), "", "{", "[]", "null", "1", "\"a\"", "{}", "{\"alg\":\"EdDSA\",\"alg\":\"EdDSA\"}",
                 "{}{}", "{\"a\":\"\xff\"}", std::string(40, '['), "{\"exp\":1e999}");
    CAPTURE(part);
    CHECK_FALSE(counts(test::token(part, usual_claims().dump(), sign)));
    CHECK_FALSE(counts(test::token(usual_header().dump(), part, sign)));
    std::string twice = usual_claims().dump();
    twice.insert(1, "\"sub\":\"somebody\",");
    CHECK_FALSE(counts(test::token(usual_header().dump(), twice, sign)));
}

TEST_CASE("a token has a bound of 16 KiB")
{
    json claims = usual_claims();
    claims["org_id"] = std::string(11'000, 'x');
    CHECK(counts_with(claims));
    claims["org_id"] = std::string(13'000, 'x');
    CHECK_FALSE(counts_with(claims));
}

TEST_CASE("an algorithm counts that is allowed and the key's")
{
    const TokenRules rules = usual_rules();
    const json name = GENERATE(as<json>(), "none", "None", "", "eddsa", "Ed25519", "HS256", "RS256", "HS512", "ES256",
                               nullptr, 1, json::array({"EdDSA"}));
    CHECK_FALSE(counts(signed_by(ed25519(), header_with("alg", name), usual_claims()), rules));
    const json header = header_with("alg", name);
    CHECK_FALSE(counts(test::base64url(header.dump()) + "." + test::base64url(usual_claims().dump()) + ".", rules));
    json without = usual_header();
    without.erase("alg");
    CHECK_FALSE(counts(signed_by(ed25519(), without, usual_claims()), rules));

    TokenRules others = rules;
    others.algorithms = {TokenAlgorithm::rs256};
    CHECK_FALSE(counts(signed_by(ed25519(), usual_header(), usual_claims()), others));
}

TEST_CASE("a public key is no secret, and a secret no public key")
{
    const std::string pem = rsa().public_pem();
    const json header = header_with("alg", "HS256");
    const TokenRules of_rsa = rules_of(TokenKey::from_pem(pem, "one"));
    CHECK(counts(signed_by(rsa(), header_with("alg", "RS256"), usual_claims()), of_rsa));
    CHECK_FALSE(counts(signed_by_secret(pem, header), of_rsa));
    CHECK_FALSE(counts(signed_by_secret("", header), of_rsa));
    CHECK_FALSE(counts(signed_by(rsa(), header, usual_claims()), of_rsa));
    CHECK_FALSE(counts(signed_by(rsa(), usual_header(), usual_claims()), of_rsa));

    const TokenRules both = rules_of(TokenKey::from_pem(pem, "one"), TokenKey::from_secret(secret));
    CHECK(counts(signed_by_secret(secret, header), both));
    CHECK_FALSE(counts(signed_by_secret(pem, header), both));
    CHECK_FALSE(counts(signed_by_secret(secret, header_with("alg", "RS256")), both));
}

TEST_CASE("a key is found by its id")
{
    const TokenRules rules = rules_of(TokenKey::from_pem(ed25519().public_pem(), "one"),
                                      TokenKey::from_pem(rsa().public_pem(), "two"), TokenKey::from_secret(secret));
    const json of_rsa = {{"alg", "RS256"}, {"kid", "two"}};
    CHECK(counts(signed_by(ed25519(), usual_header(), usual_claims()), rules));
    CHECK(counts(signed_by(rsa(), of_rsa, usual_claims()), rules));
    const json id = GENERATE(as<json>(), "three", "", "ONE", "one ", "two", nullptr, 1, json::array({"one"}));
    CHECK_FALSE(counts(signed_by(ed25519(), header_with("kid", id), usual_claims()), rules));
    json without = usual_header();
    without.erase("kid");
    CHECK_FALSE(counts(signed_by(ed25519(), without, usual_claims()), rules));
}

TEST_CASE("a single key without an id takes any id, and none")
{
    const TokenRules rules =
        rules_of(TokenKey::from_pem(ed25519().public_pem(), std::nullopt), TokenKey::from_secret(secret));
    CHECK(counts(signed_by(ed25519(), usual_header(), usual_claims()), rules));
    CHECK(counts(signed_by(ed25519(), {{"alg", "EdDSA"}}, usual_claims()), rules));
    CHECK(counts(signed_by_secret(secret, {{"alg", "HS256"}, {"kid", "any"}}), rules));
    CHECK_FALSE(counts(signed_by(ed25519(), header_with("kid", 1), usual_claims()), rules));
    const TokenRules two = rules_of(TokenKey::from_pem(ed25519().public_pem(), std::nullopt),
                                    TokenKey::from_pem(rsa().public_pem(), std::nullopt));
    CHECK_FALSE(counts(signed_by(ed25519(), usual_header(), usual_claims()), two));
}

TEST_CASE("a header's other members count for nothing, unless it says that they must be understood")
{
    json header = usual_header();
    header.erase("typ");
    CHECK(counts(signed_by(ed25519(), header, usual_claims())));
    CHECK(counts(signed_by(ed25519(), header_with("jwk", KeyPair::ed25519().jwk()), usual_claims())));
    CHECK_FALSE(counts(signed_by(KeyPair::ed25519(), header_with("jwk", ed25519().jwk()), usual_claims())));
    CHECK_FALSE(counts(signed_by(ed25519(), header_with("crit", json::array({"exp"})), usual_claims())));
    CHECK_FALSE(counts(signed_by(ed25519(), header_with("crit", json::array()), usual_claims())));
    const json type = GENERATE(as<json>(), "at+jwt", "", nullptr, 1);
    CHECK_FALSE(counts(signed_by(ed25519(), header_with("typ", type), usual_claims())));
}

TEST_CASE("claims that must be there must be")
{
    const std::string name = GENERATE(as<std::string>(), "iss", "aud", "sub", "iat", "nbf", "exp", "jti",
                                      "principal_source", "auth_context_hash");
    CAPTURE(name);
    CHECK_FALSE(counts_with(claims_without(name.c_str())));
    const json value = GENERATE(as<json>(), nullptr, true, "", json::array(), json::object(), json::array({1}));
    CAPTURE(value.dump());
    CHECK_FALSE(counts_with(claims_with(name.c_str(), value)));
}

TEST_CASE("a token is from whom and for whom the rules say")
{
    CHECK_FALSE(counts_with(claims_with("iss", "another")));
    CHECK_FALSE(counts_with(claims_with("iss", json::array({"librechat"}))));
    CHECK_FALSE(counts_with(claims_with("aud", "another")));
    CHECK(counts_with(claims_with("aud", json::array({"a", "codeapi"}))));
    CHECK_FALSE(counts_with(claims_with("aud", json::array({"a", "codeapi2"}))));
    CHECK_FALSE(counts_with(claims_with("aud", json::array({"codeapi", 1}))));
    TokenRules rules = usual_rules();
    rules.issuer = "i";
    rules.audience = "a";
    json claims = claims_with("iss", "i");
    CHECK_FALSE(counts(signed_by(ed25519(), usual_header(), claims), rules));
    claims["aud"] = "a";
    CHECK(counts(signed_by(ed25519(), usual_header(), claims), rules));
}

TEST_CASE("a token counts from its beginning to its end, give or take the skew")
{
    const json claims = usual_claims();
    CHECK_FALSE(counts_with(claims, signed_at - 31));
    CHECK(counts_with(claims, signed_at - 30));
    CHECK(counts_with(claims, signed_at + 329));
    CHECK_FALSE(counts_with(claims, signed_at + 330));
    CHECK(counts_with(claims_with("nbf", signed_at + 40)));
    CHECK_FALSE(counts_with(claims_with("nbf", signed_at + 41)));
    CHECK_FALSE(counts_with(claims_with("iat", signed_at + 41)));
    TokenRules exact = usual_rules();
    exact.clock_skew = std::chrono::seconds(0);
    const std::string token = signed_by(ed25519(), usual_header(), claims);
    CHECK_FALSE(counts(token, exact, signed_at - 1));
    CHECK(counts(token, exact, signed_at));
    CHECK(counts(token, exact, signed_at + 299));
    CHECK_FALSE(counts(token, exact, signed_at + 300));
}

TEST_CASE("a token lives for five minutes at most")
{
    CHECK_FALSE(counts_with(claims_with("exp", signed_at + 301)));
    CHECK_FALSE(counts_with(claims_with("exp", static_cast<double>(signed_at) + 300.5)));
    CHECK(counts_with(claims_with("exp", static_cast<double>(signed_at) + 299.5)));
    CHECK_FALSE(counts_with(claims_with("iat", signed_at - 1)));
    CHECK_FALSE(counts_with(claims_with("exp", signed_at)));
    CHECK_FALSE(counts_with(claims_with("exp", signed_at - 1)));
    CHECK_FALSE(counts_with(claims_with("exp", std::to_string(signed_at + 300))));
    const json time = GENERATE(as<json>(), 1e300, -1e300, std::numeric_limits<std::uint64_t>::max(),
                               std::numeric_limits<std::int64_t>::min(), 0, -1);
    CHECK_FALSE(counts_with(claims_with("exp", time)));
    CHECK_FALSE(counts_with(claims_with("iat", time)));
}

TEST_CASE("the id of a token has 256 characters at most")
{
    std::string umlauts;
    for (int i = 0; i < 256; ++i) umlauts += "ü";
    CHECK(counts_with(claims_with("jti", std::string(256, 'x'))));
    CHECK(counts_with(claims_with("jti", umlauts)));
    CHECK_FALSE(counts_with(claims_with("jti", std::string(257, 'x'))));
    CHECK_FALSE(counts_with(claims_with("jti", umlauts + "x")));
    CHECK_FALSE(counts_with(claims_with("jti", 1)));
}

TEST_CASE("a token says where it comes from")
{
    CHECK(counts_with(claims_with("principal_source", "openid_reuse")));
    CHECK_FALSE(counts_with(claims_with("principal_source", "somewhere")));
    CHECK(counts_with(claims_without("role")));
    CHECK_FALSE(counts_with(claims_with("role", 1)));
}

TEST_CASE("a token without a tenant is of the one that the rules name")
{
    const std::string token = signed_by(ed25519(), usual_header(), claims_without("tenant_id"));
    TokenRules rules = usual_rules();
    const Result<TokenIdentity> usual = verify(rules, token, at(signed_at));
    REQUIRE(usual);
    CHECK(*usual == TokenIdentity{"legacy", "user_123"});
    rules.tenant = "acme";
    const Result<TokenIdentity> named = verify(rules, token, at(signed_at));
    REQUIRE(named);
    CHECK(named->tenant == "acme");
    const Result<TokenIdentity> own =
        verify(rules, signed_by(ed25519(), usual_header(), usual_claims()), at(signed_at));
    REQUIRE(own);
    CHECK(own->tenant == "tenant_abc");
}

TEST_CASE("a tenant and a subject are texts that can be told apart")
{
    const std::string name = GENERATE(as<std::string>(), "sub", "tenant_id");
    CHECK(counts_with(claims_with(name.c_str(), std::string(256, 'x'))));
    CHECK(counts_with(claims_with(name.c_str(), "日本\xe2\x80\xae")));
    const json value = GENERATE(as<json>(), "", " ", std::string("a\0b", 3), "a\nb", "a\x7f", nullptr, 1,
                                json::array({"a"}), std::string(257, 'x'));
    CAPTURE(value.dump());
    CHECK_FALSE(counts_with(claims_with(name.c_str(), value)));
}

TEST_CASE("without keys no token counts")
{
    CHECK_FALSE(counts(signed_by(ed25519(), usual_header(), usual_claims()), TokenRules()));
}
