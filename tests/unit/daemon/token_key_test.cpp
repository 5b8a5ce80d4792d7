#include "catch.hpp"
#include "token_signer.hpp"

#include "daemon/access/base64url.hpp"
#include "daemon/access/token_key.hpp"

#include <openssl/err.h>

using namespace sbx;
using namespace sbx::daemon;
using nlohmann::json;
using test::KeyPair;

namespace {

const KeyPair& rsa()
{
    static const KeyPair pair = KeyPair::rsa(2048);
    return pair;
}

std::string set_of(const json& keys)
{
    return json{{"keys", keys}}.dump();
}

}  // namespace

TEST_CASE("base64url is decoded where an encoder could have written it")
{
    const auto [text, bytes] = GENERATE(table<std::string, std::string>({{"", ""},
                                                                         {"Zg", "f"},
                                                                         {"Zm8", "fo"},
                                                                         {"Zm9v", "foo"},
                                                                         {"Zm9vYg", "foob"},
                                                                         {"-_-_", "\xfb\xff\xbf"},
                                                                         {"AAAA", std::string(3, '\0')}}));
    CHECK(from_base64url(text) == bytes);
    std::string all;
    for (int i = 0; i < 1000; ++i) all += static_cast<char>(i * 7);
    CHECK(from_base64url(test::base64url(all)) == all);
}

TEST_CASE("what no encoder writes is no base64url")
{
    const std::string text = GENERATE(as<std::string>(), "Z", "Zm9vY", "Zh", "Zm9", "Zg==", "Zm8=", "Zm 8", "Zm8\n",
                                      "+/+/", "Zg.", "Z\xc3\xa9", std::string("Zm9v\0", 5), "====", "=");
    CAPTURE(text);
    CHECK_FALSE(from_base64url(text));
}

TEST_CASE("a signature counts for the text and the key that it was made with")
{
    const KeyPair pair = GENERATE(0, 1) == 0 ? KeyPair::ed25519() : rsa();
    const Result<TokenKey> key = TokenKey::from_pem(pair.public_pem(), std::nullopt);
    REQUIRE(key);
    const std::string signature = pair.sign("text");
    CHECK(key->verifies("text", signature));
    CHECK_FALSE(key->verifies("Text", signature));
    CHECK_FALSE(key->verifies("", signature));
    CHECK_FALSE(key->verifies("text", ""));
    CHECK_FALSE(key->verifies("text", signature.substr(1)));
    CHECK_FALSE(key->verifies("text", signature + '\0'));
    CHECK_FALSE(key->verifies("text", std::string(signature.size(), '\0')));
    CHECK_FALSE(key->verifies("text", std::string(signature.size(), '\xff')));
    for (std::size_t i = 0; i < signature.size(); i += 13) {
        std::string changed = signature;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        CHECK_FALSE(key->verifies("text", changed));
    }
    CHECK(ERR_peek_error() == 0);
}

TEST_CASE("the example of RFC 8037 verifies")
{
    const Result<std::vector<TokenKey>> keys = token_keys_of_set(
        R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})");
    REQUIRE(keys);
    const auto signature =
        from_base64url("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
    REQUIRE(signature);
    CHECK(keys->at(0).verifies("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc", *signature));
}

TEST_CASE("a secret verifies what was made with it")
{
    const std::string secret(32, 's');
    const Result<TokenKey> key = TokenKey::from_secret(secret);
    REQUIRE(key);
    CHECK(key->algorithm() == TokenAlgorithm::hs256);
    CHECK(key->verifies("text", test::hmac(secret, "text")));
    CHECK_FALSE(key->verifies("text", test::hmac(secret + "s", "text")));
    CHECK_FALSE(key->verifies("text", test::hmac(secret, "text").substr(0, 31)));
    CHECK_FALSE(key->verifies("text", ""));
}

TEST_CASE("a public key in PEM gives the algorithm that it is for")
{
    const Result<TokenKey> ed = TokenKey::from_pem(KeyPair::ed25519().public_pem(), "one");
    REQUIRE(ed);
    CHECK(ed->algorithm() == TokenAlgorithm::ed_dsa);
    CHECK(ed->id() == "one");
    const Result<TokenKey> of_rsa = TokenKey::from_pem("\n  \n" + rsa().public_pem() + "\n", std::nullopt);
    REQUIRE(of_rsa);
    CHECK(of_rsa->algorithm() == TokenAlgorithm::rs256);
    CHECK_FALSE(of_rsa->id());
}

TEST_CASE("what is no public key for these algorithms is refused")
{
    const std::string sound = KeyPair::ed25519().public_pem();
    const std::string pem = GENERATE_COPY(
        as<std::string>(), "", "hello", sound.substr(0, sound.size() / 2), sound.substr(10), rsa().private_pem(),
        KeyPair::ed25519().private_pem(), KeyPair::p256().public_pem(), KeyPair::rsa(1024).public_pem(),
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", std::string(100'000, 'x'),
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
        std::string(50, '\0') + sound.substr(0, 20));
    const Result<TokenKey> key = TokenKey::from_pem(pem, std::nullopt);
    CAPTURE(pem);
    REQUIRE_FALSE(key);
    CHECK(key.error().code == Errc::invalid_argument);
    CHECK(ERR_peek_error() == 0);
}

TEST_CASE("a secret that others know or guess is refused")
{
    CHECK_FALSE(TokenKey::from_secret(""));
    CHECK_FALSE(TokenKey::from_secret(std::string(31, 's')));
    CHECK_FALSE(TokenKey::from_secret(rsa().public_pem()));
    CHECK_FALSE(TokenKey::from_secret(std::string(100'000, 's')));
}

TEST_CASE("a key set gives the keys that can be used")
{
    const KeyPair pair = KeyPair::ed25519();
    json first = pair.jwk();
    first.update({{"kid", "a"}, {"alg", "EdDSA"}, {"use", "sig"}, {"key_ops", {"verify"}}});
    json second = rsa().jwk();
    second["kid"] = "b";
    json for_encryption = rsa().jwk();
    for_encryption["use"] = "enc";
    json of_another_algorithm = rsa().jwk();
    of_another_algorithm["alg"] = "RS512";
    const Result<std::vector<TokenKey>> keys =
        token_keys_of_set(set_of({{{"kty", "EC"}, {"crv", "P-256"}},
                                  first,
                                  {{"kty", "oct"}, {"k", "AAAA"}},
                                  for_encryption,
                                  of_another_algorithm,
                                  {{"kty", "OKP"}, {"crv", "X25519"}, {"x", "AA"}},
                                  {{"kty", 1}},
                                  second}));
    REQUIRE(keys);
    REQUIRE(keys->size() == 2);
    CHECK(keys->at(0).id() == "a");
    CHECK(keys->at(0).verifies("text", pair.sign("text")));
    CHECK(keys->at(1).id() == "b");
    CHECK(keys->at(1).verifies("text", rsa().sign("text")));
}

TEST_CASE("a malformed key set is refused")
{
    const json ed = KeyPair::ed25519().jwk();
    const auto with = [](json key, const char* name, const json& value) {
        key[name] = value;
        return set_of(json::array({std::move(key)}));
    };
    REQUIRE(token_keys_of_set(with(ed, "kid", "one")));
    REQUIRE(token_keys_of_set(with(rsa().jwk(), "kid", "one")));
    const std::string set = GENERATE_COPY(
        as<std::string>(), "", "[]", "{}", "null", "{\"keys\":{}}", "{\"keys\":[]}", "{\"keys\":[1]}",
        "{\"keys\":[null]}", set_of(json::array({ed})) + "x", "{\"keys\":[],\"keys\":[]}", with(ed, "d", "AAAA"),
        with(ed, "kid", 1), with(ed, "x", 1), with(ed, "x", ""), with(ed, "x", "AAAA"),
        with(ed, "x", test::base64url(std::string(33, 'x'))), with(ed, "x", ed["x"].get<std::string>() + "="),
        with(ed, "kty", "okp"), with(ed, "alg", "none"), with(ed, "alg", "RS256"), with(ed, "alg", 1),
        with(rsa().jwk(), "alg", "HS256"), with(rsa().jwk(), "n", ""), with(rsa().jwk(), "n", "AQAB"),
        with(rsa().jwk(), "e", "AA"), with(rsa().jwk(), "e", ""), with(rsa().jwk(), "e", "AQ"),
        with(rsa().jwk(), "e", "Ag"), with(rsa().jwk(), "n", test::base64url(std::string(256, '\xfe'))),
        set_of(json::array({KeyPair::rsa(1024).jwk()})), with(rsa().jwk(), "d", "AAAA"));
    const Result<std::vector<TokenKey>> keys = token_keys_of_set(set);
    CAPTURE(set);
    REQUIRE_FALSE(keys);
    CHECK(keys.error().code == Errc::invalid_argument);
    CHECK(ERR_peek_error() == 0);
}
