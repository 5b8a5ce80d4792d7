#include "catch.hpp"
#include "temp_directory.hpp"
#include "token_signer.hpp"

#include "daemon/access/token_rules.hpp"

#include <filesystem>
#include <fstream>
#include <map>

using namespace sbx;
using namespace sbx::daemon;
using nlohmann::json;
using test::KeyPair;

namespace {

namespace fs = std::filesystem;

using Variables = std::map<std::string, std::string, std::less<>>;

Result<std::optional<TokenRules>> rules_of(Variables variables)
{
    return token_rules_from([variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
        const auto at = variables.find(name);
        if (at == variables.end() || at->second.empty()) return std::nullopt;
        return at->second;
    });
}

TokenRules sound_rules_of(Variables variables)
{
    Result<std::optional<TokenRules>> rules = rules_of(std::move(variables));
    REQUIRE(rules);
    REQUIRE(*rules);
    return std::move(**rules);
}

/// What is said of variables that are wrong.
std::string failure_of(Variables variables)
{
    const Result<std::optional<TokenRules>> rules = rules_of(std::move(variables));
    REQUIRE_FALSE(rules);
    CHECK(rules.error().code == Errc::invalid_argument);
    return rules.error().message;
}

const std::string secret(32, 's');

const std::string& pem()
{
    static const std::string text = KeyPair::ed25519().public_pem();
    return text;
}

std::string in_one_line(std::string text)
{
    for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n')) text.replace(at, 1, "\\n");
    return text;
}

void write(const fs::path& file, std::string_view text)
{
    std::ofstream(file) << text;
}

}  // namespace

TEST_CASE("without keys there are no rules")
{
    const Result<std::optional<TokenRules>> rules = rules_of({{"CODEAPI_JWT_ISSUER", "x"},
                                                              {"CODEAPI_JWT_PUBLIC_KEY", ""},
                                                              {"CODEAPI_JWT_PUBLIC_KEY_KID", "a"},
                                                              {"CODEAPI_JWT_CLOCK_SKEW_SECONDS", "x"}});
    REQUIRE(rules);
    CHECK_FALSE(*rules);
}

TEST_CASE("a public key alone has the usual rules")
{
    const std::string text = GENERATE(as<std::string>(), pem(), in_one_line(pem()));
    const TokenRules rules = sound_rules_of({{"CODEAPI_JWT_PUBLIC_KEY", text}});
    REQUIRE(rules.keys.size() == 1);
    CHECK_FALSE(rules.keys[0].id());
    CHECK(rules.algorithms == std::vector{TokenAlgorithm::ed_dsa, TokenAlgorithm::rs256});
    CHECK(rules.issuer == "librechat");
    CHECK(rules.audience == "codeapi");
    CHECK(rules.clock_skew == std::chrono::seconds(30));
    CHECK(rules.tenant == "legacy");
}

TEST_CASE("every variable is heard")
{
    const TokenRules rules = sound_rules_of({{"CODEAPI_JWT_PUBLIC_KEY", pem()},
                                             {"CODEAPI_JWT_PUBLIC_KEY_KID", "one"},
                                             {"CODEAPI_JWT_ISSUER", "me"},
                                             {"CODEAPI_JWT_AUDIENCE", "you"},
                                             {"CODEAPI_JWT_ALLOWED_ALGS", " RS256 ,EdDSA"},
                                             {"CODEAPI_JWT_CLOCK_SKEW_SECONDS", "0"},
                                             {"CODEAPI_JWT_SINGLE_TENANT_ID", " acme "}});
    CHECK(rules.keys.at(0).id() == "one");
    CHECK(rules.issuer == "me");
    CHECK(rules.audience == "you");
    CHECK(rules.algorithms == std::vector{TokenAlgorithm::rs256, TokenAlgorithm::ed_dsa});
    CHECK(rules.clock_skew == std::chrono::seconds(0));
    CHECK(rules.tenant == "acme");
}

TEST_CASE("a secret allows its algorithm, unless a list says otherwise")
{
    const TokenRules usual = sound_rules_of({{"CODEAPI_JWT_HS256_SECRET", secret}});
    CHECK(usual.keys.at(0).algorithm() == TokenAlgorithm::hs256);
    CHECK(usual.algorithms == std::vector{TokenAlgorithm::ed_dsa, TokenAlgorithm::rs256, TokenAlgorithm::hs256});
    const TokenRules listed =
        sound_rules_of({{"CODEAPI_JWT_HS256_SECRET", secret}, {"CODEAPI_JWT_ALLOWED_ALGS", "EdDSA"}});
    CHECK(listed.algorithms == std::vector{TokenAlgorithm::ed_dsa});
}

TEST_CASE("keys of all variables count together")
{
    const test::TempDirectory directory;
    write(directory.path() / "two.pem", KeyPair::rsa(2048).public_pem());
    write(directory.path() / "three", KeyPair::ed25519().public_pem());
    write(directory.path() / ".hidden", "no key");
    fs::create_directory(directory.path() / ".data");
    fs::create_directory(directory.path() / "folder");
    write(directory.path() / ".data" / "four.v1.pem", KeyPair::ed25519().public_pem());
    fs::create_symlink(fs::path(".data") / "four.v1.pem", directory.path() / "four.v1.pem");
    json in_set = KeyPair::ed25519().jwk();
    in_set["kid"] = "one";
    const TokenRules rules = sound_rules_of({{"CODEAPI_JWT_PUBLIC_KEY", pem()},
                                             {"CODEAPI_JWT_PUBLIC_KEY_KID", "zero"},
                                             {"CODEAPI_JWT_JWKS_JSON", json{{"keys", {in_set}}}.dump()},
                                             {"CODEAPI_JWT_PUBLIC_KEYS_DIR", directory.path().string()},
                                             {"CODEAPI_JWT_HS256_SECRET", secret}});
    std::vector<std::string> ids;
    for (const TokenKey& key : rules.keys) ids.push_back(key.id().value_or(""));
    CHECK(ids == std::vector<std::string>{"zero", "one", "four.v1", "three", "two", ""});
}

TEST_CASE("keys that cannot be told apart are refused")
{
    json one = KeyPair::ed25519().jwk();
    json two = KeyPair::ed25519().jwk();
    one["kid"] = "one";
    const auto set = [&] { return json{{"keys", {one, two}}}.dump(); };
    CHECK(failure_of({{"CODEAPI_JWT_JWKS_JSON", set()}}).find("has no kid") != std::string::npos);
    two["kid"] = "one";
    CHECK(failure_of({{"CODEAPI_JWT_JWKS_JSON", set()}}).find("kid 'one'") != std::string::npos);
    two["kid"] = "two";
    CHECK(sound_rules_of({{"CODEAPI_JWT_JWKS_JSON", set()}}).keys.size() == 2);
    CHECK_FALSE(rules_of({{"CODEAPI_JWT_JWKS_JSON", set()}, {"CODEAPI_JWT_PUBLIC_KEY", pem()}}));
}

TEST_CASE("the variable that is wrong is named")
{
    const test::TempDirectory directory;
    const std::string empty = directory.path().string();
    const auto [variable, value] =
        GENERATE_COPY(table<std::string, std::string>({{"CODEAPI_JWT_PUBLIC_KEY", "no key"},
                                                       {"CODEAPI_JWT_PUBLIC_KEY", KeyPair::rsa(1024).public_pem()},
                                                       {"CODEAPI_JWT_PUBLIC_KEY", KeyPair::ed25519().private_pem()},
                                                       {"CODEAPI_JWT_JWKS_JSON", "{"},
                                                       {"CODEAPI_JWT_JWKS_JSON", R"({"keys":[]})"},
                                                       {"CODEAPI_JWT_PUBLIC_KEYS_DIR", empty},
                                                       {"CODEAPI_JWT_PUBLIC_KEYS_DIR", empty + "/missing"},
                                                       {"CODEAPI_JWT_PUBLIC_KEYS_DIR", "/etc/hostname"},
                                                       {"CODEAPI_JWT_HS256_SECRET", "short"},
                                                       {"CODEAPI_JWT_HS256_SECRET", pem()},
                                                       {"CODEAPI_JWT_ALLOWED_ALGS", "none"},
                                                       {"CODEAPI_JWT_ALLOWED_ALGS", "EdDSA,"},
                                                       {"CODEAPI_JWT_ALLOWED_ALGS", ","},
                                                       {"CODEAPI_JWT_ALLOWED_ALGS", "EdDSA RS256"},
                                                       {"CODEAPI_JWT_ALLOWED_ALGS", "eddsa"},
                                                       {"CODEAPI_JWT_CLOCK_SKEW_SECONDS", "31"},
                                                       {"CODEAPI_JWT_CLOCK_SKEW_SECONDS", "-1"},
                                                       {"CODEAPI_JWT_CLOCK_SKEW_SECONDS", "1.5"},
                                                       {"CODEAPI_JWT_CLOCK_SKEW_SECONDS", "10s"},
                                                       {"CODEAPI_JWT_CLOCK_SKEW_SECONDS", "99999999999"}}));
    Variables variables = {{"CODEAPI_JWT_PUBLIC_KEY", pem()}};
    variables[variable] = value;
    CAPTURE(variable, value);
    CHECK(failure_of(variables).starts_with(variable + ": "));
}

TEST_CASE("the file of a directory that is no key is named")
{
    const test::TempDirectory directory;
    const Variables variables = {{"CODEAPI_JWT_PUBLIC_KEYS_DIR", directory.path().string()}};
    const fs::path file = directory.path() / "a.pem";
    const std::string text = GENERATE(as<std::string>(), "", "no key", std::string(100'000, 'x'));
    write(file, text);
    CHECK(failure_of(variables).starts_with("CODEAPI_JWT_PUBLIC_KEYS_DIR: a.pem"));
    fs::remove(file);
    fs::create_symlink("nowhere", file);
    CHECK(failure_of(variables).starts_with("CODEAPI_JWT_PUBLIC_KEYS_DIR: a.pem"));
}
