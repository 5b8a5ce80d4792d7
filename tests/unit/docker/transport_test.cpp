#include "core/docker/transport.hpp"

#include "catch.hpp"
#include "temp_directory.hpp"

#include <boost/asio/error.hpp>

#include <fstream>

using sbx::docker::parse_host;

TEST_CASE("a socket that refuses us names the group to join")
{
    const test::TempDirectory directory;
    const std::string path = (directory.path() / "docker.sock").string();
    std::ofstream(path) << "";
    const auto endpoint = parse_host("unix://" + path, nullptr);
    const auto error = sbx::docker::connect_failure(*endpoint, boost::asio::error::access_denied);
    CHECK(error.code == sbx::Errc::unavailable);
    CHECK(error.message.find(path) != std::string::npos);
    CHECK(error.message.find("belongs to the group '") != std::string::npos);
    CHECK(error.hint.starts_with("sudo usermod -aG "));
}

TEST_CASE("a socket that nobody serves says how to start Docker, an address where to look")
{
    const auto socket = parse_host("unix:///var/run/docker.sock", nullptr);
    const auto refused = sbx::docker::connect_failure(*socket, boost::asio::error::connection_refused);
    CHECK(refused.message == "docker: cannot reach unix:///var/run/docker.sock: Connection refused");
    CHECK(refused.hint == "start Docker: sudo systemctl start docker");
    const auto far = parse_host("tcp://far:2375", nullptr);
    CHECK(sbx::docker::connect_failure(*far, boost::asio::error::host_not_found).hint.find("DOCKER_HOST") !=
          std::string::npos);
}
