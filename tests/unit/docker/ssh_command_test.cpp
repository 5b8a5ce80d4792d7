#include "core/docker/ssh_transport.hpp"

#include "catch.hpp"

using Words = std::vector<std::string>;

TEST_CASE("the way over ssh is Docker's own dial-stdio on the other machine")
{
    const auto plain = sbx::docker::parse_host("ssh://far", nullptr);
    CHECK(sbx::docker::ssh_command(*plain) ==
          Words{"ssh", "-o", "ConnectTimeout=30", "-T", "--", "far", "docker", "system", "dial-stdio"});
    const auto full = sbx::docker::parse_host("ssh://me@far:2222/run/d.sock", nullptr);
    CHECK(sbx::docker::ssh_command(*full) == Words{"ssh", "-o", "ConnectTimeout=30", "-T", "-l", "me", "-p", "2222",
                                                   "--", "far", "docker", "--host", "unix:///run/d.sock", "system",
                                                   "dial-stdio"});
}

TEST_CASE("a path stays one word in the shell of the other machine")
{
    const auto hostile = sbx::docker::parse_host("ssh://far/run/d%20;touch%20it's.sock", nullptr);
    REQUIRE(hostile);
    CHECK(sbx::docker::ssh_command(*hostile).at(8) == "'unix:///run/d ;touch it'\\''s.sock'");
}
