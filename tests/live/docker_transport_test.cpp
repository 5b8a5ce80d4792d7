#include "docker_fixture.hpp"
#include "forwarder.hpp"
#include "temp_directory.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

using sbx::Errc;
using sbx::docker::Endpoint;
using sbx::docker::EndpointInputs;
using test::DockerFixture;

namespace {

namespace fs = std::filesystem;
namespace ssl = boost::asio::ssl;

/// What every transport must carry: small calls, a hijacked stream both ways, and much of it.
void run_a_sandbox(DockerFixture& fixture, const Endpoint& endpoint)
{
    fixture.engine = fixture.engine_at(endpoint);
    const auto facts = fixture.run(fixture.engine->probe());
    REQUIRE(facts);
    fixture.fill_agent_volume();
    constexpr std::size_t size = 4U << 20;
    auto launched = fixture.run(fixture.engine->launch(fixture.plan(), "echo\n" + std::string(size, 'o')));
    REQUIRE(launched);
    CHECK(fixture.run(launched->life->started()));
    CHECK(fixture.read_until(*launched->channel, size) == std::string(size, 'o'));
    launched->channel->close();
    const auto ending = fixture.run(launched->life->ended());
    REQUIRE(ending);
    CHECK(ending->exit_code == 0);
    CHECK(fixture.is_clean());
}

void make_certificates(const fs::path& directory)
{
    const std::string script = fmt::format(
        "cd {} && "
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout ca-key.pem -out ca.pem -subj /CN=ca -days 2 && "
        "for who in server client; do "
        "openssl req -newkey rsa:2048 -nodes -keyout $who-key.pem -out $who.csr -subj /CN=$who && "
        "printf 'subjectAltName=DNS:localhost\\n' > ext && "
        "openssl x509 -req -in $who.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -extfile ext -days 2 "
        "-out $who.pem; done && cp client.pem cert.pem && cp client-key.pem key.pem",
        directory.string());
    REQUIRE(std::system(("( " + script + " ) >/dev/null 2>&1").c_str()) == 0);
}

/// As dockerd with --tlsverify: a client without a certificate of the same authority is refused.
ssl::context server_context(const fs::path& directory)
{
    ssl::context context(ssl::context::tls_server);
    context.use_certificate_chain_file((directory / "server.pem").string());
    context.use_private_key_file((directory / "server-key.pem").string(), ssl::context::pem);
    context.load_verify_file((directory / "ca.pem").string());
    context.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
    return context;
}

/// Sets a variable of this process until the end of the scope.
class Variable {
   public:
    Variable(std::string name, const std::string& value) : name_(std::move(name))
    {
        if (const char* const before = std::getenv(name_.c_str())) before_ = before;
        ::setenv(name_.c_str(), value.c_str(), 1);
    }
    ~Variable() { ::setenv(name_.c_str(), before_.c_str(), 1); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

   private:
    std::string name_;
    std::string before_;
};

}  // namespace

TEST_CASE_METHOD(DockerFixture, "a sandbox runs over TCP")
{
    const test::Forwarder forwarder(context, test::local_endpoint().path, nullptr);
    EndpointInputs inputs;
    inputs.environment["DOCKER_HOST"] = fmt::format("tcp://127.0.0.1:{}", forwarder.port());
    const auto endpoint = sbx::docker::find_endpoint(inputs);
    REQUIRE(endpoint);
    run_a_sandbox(*this, *endpoint);
}

TEST_CASE_METHOD(DockerFixture, "a sandbox runs over TLS with certificates on both sides")
{
    const test::TempDirectory directory;
    make_certificates(directory.path());
    ssl::context tls = server_context(directory.path());
    const test::Forwarder forwarder(context, test::local_endpoint().path, &tls);
    EndpointInputs inputs;
    inputs.environment["DOCKER_TLS_VERIFY"] = "1";
    inputs.environment["DOCKER_CERT_PATH"] = directory.path().string();
    inputs.environment["DOCKER_HOST"] = fmt::format("tcp://localhost:{}", forwarder.port());
    const auto endpoint = sbx::docker::find_endpoint(inputs);
    REQUIRE(endpoint);
    run_a_sandbox(*this, *endpoint);

    SECTION("an engine that somebody else certified is refused")
    {
        const test::TempDirectory others;
        make_certificates(others.path());
        inputs.environment["DOCKER_CERT_PATH"] = others.path().string();
        const auto facts = run(engine_at(*sbx::docker::find_endpoint(inputs))->probe());
        REQUIRE_FALSE(facts);
        CHECK(facts.error().code == Errc::unavailable);
        CHECK(facts.error().message.find("TLS") != std::string::npos);
        CHECK(facts.error().hint.find("DOCKER_CERT_PATH") != std::string::npos);
    }
    SECTION("a certificate for another name is refused")
    {
        Endpoint misnamed = *endpoint;
        misnamed.host = "127.0.0.1";
        const auto facts = run(engine_at(misnamed)->probe());
        REQUIRE_FALSE(facts);
        CHECK(facts.error().message.find("certificate verify failed") != std::string::npos);
    }
    SECTION("a client without a certificate is refused by the engine")
    {
        Endpoint anonymous = *endpoint;
        anonymous.tls.certificate.clear();
        anonymous.tls.key.clear();
        const auto facts = run(engine_at(anonymous)->probe());
        REQUIRE_FALSE(facts);
        CHECK(facts.error().code == Errc::unavailable);
        CHECK(facts.error().hint.find("DOCKER_CERT_PATH") != std::string::npos);
    }
    SECTION("a key that can't be read is named")
    {
        Endpoint broken = *endpoint;
        broken.tls.key = "/nowhere/key.pem";
        const auto facts = run(engine_at(broken)->probe());
        REQUIRE_FALSE(facts);
        CHECK(facts.error().message.find("/nowhere/key.pem") != std::string::npos);
    }
}

TEST_CASE_METHOD(DockerFixture, "nobody listening on a port is one clear error")
{
    std::uint16_t port = 0;
    {
        boost::asio::ip::tcp::acceptor probe(
            context, boost::asio::ip::tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
        port = probe.local_endpoint().port();
    }
    const auto endpoint = sbx::docker::parse_host(fmt::format("tcp://127.0.0.1:{}", port), nullptr);
    const auto facts = run(engine_at(*endpoint)->probe());
    REQUIRE_FALSE(facts);
    CHECK(facts.error().code == Errc::unavailable);
    CHECK(facts.error().message.find(std::to_string(port)) != std::string::npos);
}

TEST_CASE_METHOD(DockerFixture, "a sandbox runs over ssh, through Docker's own dial-stdio on the other side")
{
    const test::TempDirectory directory;
    const fs::path ssh = directory.path() / "ssh";
    std::ofstream(ssh) << "#!/bin/sh\n"
                       << "echo \"$@\" >> " << (directory.path() / "asked").string() << "\n"
                       << "while [ \"$1\" != docker ]; do shift; done\n"
                       << "unset DOCKER_HOST\n"
                       << "exec \"$@\"\n";
    fs::permissions(ssh, fs::perms::owner_all);
    const Variable path("PATH", directory.path().string() + ":" + std::getenv("PATH"));
    const auto endpoint = sbx::docker::parse_host("ssh://me@far", nullptr);
    REQUIRE(endpoint);
    run_a_sandbox(*this, *endpoint);
    std::ifstream in(directory.path() / "asked");
    std::string asked;
    std::getline(in, asked);
    CHECK(asked == "-o ConnectTimeout=30 -T -l me -- far docker system dial-stdio");
}

TEST_CASE_METHOD(DockerFixture, "an ssh that takes long to log in is waited for, in a session without a terminal")
{
    const test::TempDirectory directory;
    const fs::path ssh = directory.path() / "ssh";
    std::ofstream(ssh) << "#!/bin/sh\n"
                       << "cut -d' ' -f6 /proc/self/stat > " << (directory.path() / "session").string() << "\n"
                       << "sleep 6\n"
                       << "while [ \"$1\" != docker ]; do shift; done\n"
                       << "unset DOCKER_HOST\n"
                       << "exec \"$@\"\n";
    fs::permissions(ssh, fs::perms::owner_all);
    const Variable path("PATH", directory.path().string() + ":" + std::getenv("PATH"));
    CHECK(run(engine_at(*sbx::docker::parse_host("ssh://slow", nullptr))->images()));
    int session = 0;
    std::ifstream(directory.path() / "session") >> session;
    CHECK(session > 0);
    CHECK(session != ::getsid(0));
}

TEST_CASE_METHOD(DockerFixture, "an ssh that fails, or is not there, is one clear error")
{
    const test::TempDirectory directory;
    const auto endpoint = sbx::docker::parse_host("ssh://far", nullptr);
    REQUIRE(endpoint);
    const Variable path("PATH", directory.path().string());
    const auto absent = run(engine_at(*endpoint)->probe());
    REQUIRE_FALSE(absent);
    CHECK(absent.error().code == Errc::unavailable);
    CHECK(absent.error().message.find("cannot start ssh") != std::string::npos);

    std::ofstream(directory.path() / "ssh") << "#!/bin/sh\nexit 255\n";
    fs::permissions(directory.path() / "ssh", fs::perms::owner_all);
    const auto failed = run(engine_at(*endpoint)->probe());
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code == Errc::unavailable);
}
