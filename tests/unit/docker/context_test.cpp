#include "core/docker/context.hpp"

#include "catch.hpp"
#include "temp_directory.hpp"

#include <fstream>

using sbx::docker::Scheme;

namespace {

namespace fs = std::filesystem;

// sha256("colima")
constexpr const char* colima_digest = "f24fd3749c1368328e2b149bec149cb6795619f244c5b584e844961215dadd16";

void write_file(const fs::path& path, const std::string& text)
{
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
}

}  // namespace

TEST_CASE("the current context comes from Docker's config file")
{
    const test::TempDirectory directory;
    CHECK(*sbx::docker::current_context(directory.path()) == "");
    write_file(directory.path() / "config.json", R"({"currentContext": "colima", "auths": {}})");
    CHECK(*sbx::docker::current_context(directory.path()) == "colima");
    write_file(directory.path() / "config.json", "{torn");
    CHECK(sbx::docker::current_context(directory.path()).error().code == sbx::Errc::invalid_argument);
}

TEST_CASE("a context gives its endpoint")
{
    const test::TempDirectory directory;
    write_file(directory.path() / "contexts/meta" / colima_digest / "meta.json",
               R"({"Name":"colima","Metadata":{},"Endpoints":{"docker":{"Host":"unix:///u/docker.sock"}}})");
    const auto endpoint = sbx::docker::read_context(directory.path(), "colima");
    REQUIRE(endpoint);
    CHECK(endpoint->scheme == Scheme::unix_socket);
    CHECK(endpoint->path == "/u/docker.sock");
}

TEST_CASE("a context with certificates is reached over TLS")
{
    const test::TempDirectory directory;
    write_file(directory.path() / "contexts/meta" / colima_digest / "meta.json",
               R"({"Endpoints":{"docker":{"Host":"tcp://h:2376","SkipTLSVerify":false}}})");
    const fs::path certificates = directory.path() / "contexts/tls" / colima_digest / "docker";
    write_file(certificates / "ca.pem", "");
    write_file(certificates / "cert.pem", "");
    write_file(certificates / "key.pem", "");
    const auto endpoint = sbx::docker::read_context(directory.path(), "colima");
    REQUIRE(endpoint);
    CHECK(endpoint->scheme == Scheme::tls);
    CHECK(endpoint->tls.ca == certificates / "ca.pem");
    CHECK(endpoint->tls.key == certificates / "key.pem");
    CHECK(endpoint->tls.verify);
}

TEST_CASE("a context that does not exist is named")
{
    const test::TempDirectory directory;
    const auto endpoint = sbx::docker::read_context(directory.path(), "nowhere");
    REQUIRE_FALSE(endpoint);
    CHECK(endpoint.error() ==
          sbx::Error(sbx::Errc::invalid_argument, "docker: no such context: nowhere", "docker context ls"));
}

TEST_CASE("a context whose certificates can't be looked at is never reached without TLS")
{
    const test::TempDirectory directory;
    write_file(directory.path() / "contexts/meta" / colima_digest / "meta.json",
               R"({"Endpoints":{"docker":{"Host":"tcp://h:2376"}}})");
    const fs::path certificates = directory.path() / "contexts/tls" / colima_digest / "docker";
    fs::create_directories(certificates);
    fs::create_symlink("ca.pem", certificates / "ca.pem");
    const auto endpoint = sbx::docker::read_context(directory.path(), "colima");
    REQUIRE(endpoint);
    CHECK(endpoint->scheme == Scheme::tls);
    CHECK(endpoint->tls.ca == certificates / "ca.pem");
    CHECK(endpoint->tls.verify);
}

TEST_CASE("a context that skips the verification is reached over TLS all the same")
{
    const test::TempDirectory directory;
    write_file(directory.path() / "contexts/meta" / colima_digest / "meta.json",
               R"({"Endpoints":{"docker":{"Host":"tcp://h:2376","SkipTLSVerify":true}}})");
    const auto endpoint = sbx::docker::read_context(directory.path(), "colima");
    REQUIRE(endpoint);
    CHECK(endpoint->scheme == Scheme::tls);
    CHECK_FALSE(endpoint->tls.verify);
}

TEST_CASE("a config file that is there and can't be read is an error, not the lack of one")
{
    const test::TempDirectory directory;
    fs::create_symlink("config.json", directory.path() / "config.json");
    const auto context = sbx::docker::current_context(directory.path());
    REQUIRE_FALSE(context);
    CHECK(context.error().code == sbx::Errc::invalid_argument);
    CHECK_FALSE(context.error().hint.empty());
}
