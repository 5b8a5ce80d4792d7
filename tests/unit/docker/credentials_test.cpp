#include "core/docker/credentials.hpp"

#include "catch.hpp"

#include <openssl/evp.h>

using nlohmann::json;

namespace {

/// What the engine would read from the header.
json decoded(std::string header)
{
    for (char& c : header) c = c == '-' ? '+' : c == '_' ? '/' : c;
    std::string text(header.size(), '\0');
    const int size =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                        reinterpret_cast<const unsigned char*>(header.data()), static_cast<int>(header.size()));
    REQUIRE(size >= 0);
    return json::parse(text.substr(0, text.find_last_of('}') + 1));
}

}  // namespace

TEST_CASE("a reference is taken apart as Docker does it")
{
    const auto [reference, registry, repository, tag] =
        GENERATE(table<std::string, std::string, std::string, std::string>({
            {"python", "docker.io", "python", "latest"},
            {"python:3.13-slim", "docker.io", "python", "3.13-slim"},
            {"sbx/python:1", "docker.io", "sbx/python", "1"},
            {"localhost/a", "localhost", "localhost/a", "latest"},
            {"localhost:5000/a/b:2", "localhost:5000", "localhost:5000/a/b", "2"},
            {"localhost:5000/a/b", "localhost:5000", "localhost:5000/a/b", "latest"},
            {"ghcr.io/o/i@sha256:ab", "ghcr.io", "ghcr.io/o/i", "sha256:ab"},
            {"ghcr.io/o/i:3@sha256:ab", "ghcr.io", "ghcr.io/o/i", "sha256:ab"},
        }));
    const auto parsed = sbx::docker::parse_reference(reference);
    CHECK(parsed.registry == registry);
    CHECK(parsed.repository == repository);
    CHECK(parsed.tag == tag);
}

TEST_CASE("credentials of the config file reach the registry that they are for")
{
    // "user:pass:word"
    const json config = {{"auths",
                          {{"https://index.docker.io/v1/", {{"auth", "dXNlcjpwYXNzOndvcmQ="}}},
                           {"ghcr.io", {{"auth", ""}, {"identitytoken", "t"}}},
                           {"https://reg.example/v2/", {{"auth", "YTpi"}}}}}};
    const json hub = decoded(sbx::docker::auth_from_config(config, "docker.io"));
    CHECK(hub ==
          json({{"username", "user"}, {"password", "pass:word"}, {"serveraddress", "https://index.docker.io/v1/"}}));
    const json token = decoded(sbx::docker::auth_from_config(config, "ghcr.io"));
    CHECK(token == json({{"identitytoken", "t"}, {"serveraddress", "ghcr.io"}}));
    CHECK(decoded(sbx::docker::auth_from_config(config, "reg.example"))["password"] == "b");
    CHECK(sbx::docker::auth_from_config(config, "example").empty());
    const json line = {{"auths", {{"ghcr.io", {{"auth", "dTpwYXNzdw==\n"}}}}}};
    CHECK(decoded(sbx::docker::auth_from_config(line, "ghcr.io"))["password"] == "passw");
    CHECK(sbx::docker::auth_from_config(json({{"auths", "no object"}}), "ghcr.io").empty());
}

TEST_CASE("a registry's own credential helper goes before the one for all")
{
    const json config = {{"credsStore", "desktop"}, {"credHelpers", {{"gcr.io", "gcloud"}}}};
    CHECK(sbx::docker::credential_helper(config, "gcr.io") == "gcloud");
    CHECK(sbx::docker::credential_helper(config, "docker.io") == "desktop");
    CHECK(sbx::docker::credential_helper(json::object(), "docker.io").empty());
}

TEST_CASE("what a credential helper prints is a password or a token")
{
    const auto password = sbx::docker::auth_from_helper(R"({"ServerURL":"r","Username":"u","Secret":"s"})", "r");
    REQUIRE(password);
    CHECK(decoded(*password) == json({{"username", "u"}, {"password", "s"}, {"serveraddress", "r"}}));
    const auto token = sbx::docker::auth_from_helper(R"({"Username":"<token>","Secret":"s"})", "r");
    REQUIRE(token);
    CHECK(decoded(*token) == json({{"identitytoken", "s"}, {"serveraddress", "r"}}));
    CHECK(sbx::docker::auth_from_helper("error: locked", "r").error().code == sbx::Errc::unauthenticated);
}
