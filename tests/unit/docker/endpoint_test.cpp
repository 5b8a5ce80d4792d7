#include "core/docker/endpoint.hpp"

#include "catch.hpp"
#include "temp_directory.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>

using sbx::Errc;
using sbx::docker::EndpointInputs;
using sbx::docker::Scheme;

namespace {

namespace fs = std::filesystem;

/// A file of the kind "socket"; nobody listens.
void make_socket(const fs::path& path)
{
    fs::create_directories(path.parent_path());
    boost::asio::io_context context;
    boost::asio::local::stream_protocol::socket socket(context);
    socket.open();
    socket.bind(boost::asio::local::stream_protocol::endpoint(path.string()));
}

EndpointInputs inputs_in(const fs::path& home)
{
    EndpointInputs inputs;
    inputs.environment["HOME"] = home.string();
    inputs.environment["XDG_RUNTIME_DIR"] = (home / "runtime").string();
    inputs.system_socket = home / "var/docker.sock";
    inputs.system_podman_socket = home / "var/podman.sock";
    return inputs;
}

}  // namespace

TEST_CASE("a host is a socket, an address or a machine behind ssh")
{
    const auto unix_socket = sbx::docker::parse_host("unix:///run/user/1000/docker.sock", nullptr);
    REQUIRE(unix_socket);
    CHECK(unix_socket->path == "/run/user/1000/docker.sock");

    const auto tcp = sbx::docker::parse_host("tcp://[::1]:1234", nullptr);
    REQUIRE(tcp);
    CHECK(tcp->scheme == Scheme::tcp);
    CHECK(tcp->host == "::1");
    CHECK(tcp->port == 1234);

    const sbx::docker::TlsFiles tls;
    const auto secured = sbx::docker::parse_host("tcp://engine", &tls);
    REQUIRE(secured);
    CHECK(secured->scheme == Scheme::tls);
    CHECK(secured->port == 2376);

    const auto ssh = sbx::docker::parse_host("ssh://me@far:22/run/docker.sock", nullptr);
    REQUIRE(ssh);
    CHECK(ssh->scheme == Scheme::ssh);
    CHECK(ssh->user == "me");
    CHECK(ssh->host == "far");
    CHECK(ssh->path == "/run/docker.sock");
}

TEST_CASE("a host that can't be one is refused with the reason")
{
    const std::string host =
        GENERATE("", "docker.sock", "unix://relative", "npipe:////./pipe/docker_engine", "ssh://-oProxyCommand=x",
                 "ssh://-l@far", "ssh://me:secret@far", "tcp://", "tcp://me:secret@far", "tcp://far:99999",
                 "tcp://far:0", "ssh://far:70000", "tcp://far/base", "far:2375", "fd://far");
    const auto endpoint = sbx::docker::parse_host(host, nullptr);
    REQUIRE_FALSE(endpoint);
    CHECK(endpoint.error().code == Errc::invalid_argument);
    CHECK_FALSE(endpoint.error().hint.empty());
    CHECK(endpoint.error().message.find("secret") == std::string::npos);
}

TEST_CASE("the environment's host wins over everything but our own setting")
{
    const test::TempDirectory home;
    EndpointInputs inputs = inputs_in(home.path());
    make_socket(inputs.system_socket);
    CHECK(sbx::docker::find_endpoint(inputs)->path == inputs.system_socket.string());
    inputs.environment["DOCKER_CONTEXT"] = "unused";
    inputs.environment["DOCKER_HOST"] = "tcp://a";
    CHECK(sbx::docker::find_endpoint(inputs)->host == "a");
    inputs.host = "tcp://b";
    CHECK(sbx::docker::find_endpoint(inputs)->host == "b");
}

TEST_CASE("certificates are taken from DOCKER_CERT_PATH when TLS is asked for")
{
    EndpointInputs inputs;
    inputs.environment = {{"DOCKER_HOST", "tcp://a"}, {"DOCKER_CERT_PATH", "/nowhere"}};
    CHECK(sbx::docker::find_endpoint(inputs)->scheme == Scheme::tcp);
    inputs.environment["DOCKER_TLS_VERIFY"] = "1";
    const auto endpoint = sbx::docker::find_endpoint(inputs);
    REQUIRE(endpoint);
    CHECK(endpoint->scheme == Scheme::tls);
    CHECK(endpoint->tls.verify);
    CHECK(endpoint->tls.ca == "/nowhere/ca.pem");  // demanded: the system's authorities are not meant
}

TEST_CASE("sockets of rootless Docker, Docker Desktop and Colima are found")
{
    const test::TempDirectory home;
    const EndpointInputs inputs = inputs_in(home.path());
    const fs::path path =
        home.path() / GENERATE("runtime/docker.sock", ".docker/run/docker.sock", ".colima/default/docker.sock",
                               ".colima/docker.sock", ".config/colima/default/docker.sock");
    make_socket(path);
    const auto endpoint = sbx::docker::find_endpoint(inputs);
    REQUIRE(endpoint);
    CHECK(endpoint->path == path.string());
}

TEST_CASE("without any socket the message names those tried and how to get Docker")
{
    const test::TempDirectory home;
    const EndpointInputs inputs = inputs_in(home.path());
    const auto endpoint = sbx::docker::find_endpoint(inputs);
    REQUIRE_FALSE(endpoint);
    CHECK(endpoint.error().code == Errc::unavailable);
    CHECK(endpoint.error().message.find(inputs.system_socket.string()) != std::string::npos);
    CHECK(endpoint.error().message.find(".colima/default/docker.sock") != std::string::npos);
    CHECK(endpoint.error().hint.find("install docker.io") != std::string::npos);
}

TEST_CASE("Podman's socket is recognised and refused with the reason")
{
    const test::TempDirectory home;
    const EndpointInputs inputs = inputs_in(home.path());
    make_socket(home.path() / "runtime/podman/podman.sock");
    const auto endpoint = sbx::docker::find_endpoint(inputs);
    REQUIRE_FALSE(endpoint);
    CHECK(endpoint.error().code == Errc::unavailable);
    CHECK(endpoint.error().message.find("Podman") != std::string::npos);
}
