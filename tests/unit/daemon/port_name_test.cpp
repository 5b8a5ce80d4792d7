#include "catch.hpp"

#include "daemon/http/port_name.hpp"

using sbx::daemon::PortName;
using sbx::daemon::read_port_name;

namespace {

const std::vector<std::string> domains = {"boxes.example", "localhost"};

}  // namespace

TEST_CASE("a name tells a port and a sandbox")
{
    const auto [name, port, sandbox] = GENERATE(table<std::string, std::uint16_t, std::string>({
        {"3000-abc.boxes.example", 3000, "abc"},
        {"1-a.localhost", 1, "a"},
        {"65535-a-b_c.localhost", 65535, "a-b_c"},
        {"8080-ABC.Boxes.Example", 8080, "abc"},
    }));
    CAPTURE(name);
    const auto read = read_port_name(name, domains);
    REQUIRE(read);
    CHECK(read->port == port);
    CHECK(read->sandbox == sandbox);
}

TEST_CASE("any other name tells none")
{
    const std::string name = GENERATE(
        as<std::string>(), "", ".", "localhost", "abc.localhost", "-abc.localhost", "3000-.localhost", "3000.localhost",
        "0-abc.localhost", "03000-abc.localhost", "65536-abc.localhost", "4294967297-abc.localhost", "+3-abc.localhost",
        "-3-abc.localhost", "3x-abc.localhost", "3000-a.b.localhost", "3000-abc.localhost.", "3000-abc.localhost.evil",
        "3000-abclocalhost", "3000-abc.example", "3000-a%2e.localhost", "3000-a:b.localhost");
    CAPTURE(name);
    CHECK_FALSE(read_port_name(name, domains));
    CHECK_FALSE(read_port_name("3000-" + std::string(59, 'a') + ".localhost", domains));
    CHECK_FALSE(read_port_name("3000-abc.localhost", {}));
    CHECK_FALSE(read_port_name("3000-abc.", {""}));
}
