#include "cli/listen_address.hpp"

#include "catch.hpp"

using namespace sbx;
using namespace sbx::cli;

TEST_CASE("an address to listen on is a host and a port, without a host this machine")
{
    const auto [text, host, port] =
        GENERATE(table<std::string, std::string, std::uint16_t>({{":8080", "127.0.0.1", 8080},
                                                                 {"8080", "127.0.0.1", 8080},
                                                                 {":0", "127.0.0.1", 0},
                                                                 {"localhost:80", "127.0.0.1", 80},
                                                                 {"0.0.0.0:65535", "0.0.0.0", 65535},
                                                                 {"[::1]:9", "::1", 9}}));
    const Result<ListenAddress> address = parse_listen_address("--listen", text);
    REQUIRE(address);
    CHECK(*address == ListenAddress{host, port});
}

TEST_CASE("what is no address to listen on is refused with the flag's name")
{
    const std::string text = GENERATE("", ":", "host", "host:80", "127.0.0.1", "127.0.0.1:", ":65536", ":-1", ":8o",
                                      "::1:80", "[::1]", "[]:1");
    const Result<ListenAddress> address = parse_listen_address("--listen", text);
    REQUIRE_FALSE(address);
    CHECK(address.error().code == Errc::invalid_argument);
    CHECK(address.error().message.starts_with("--listen: '" + text + "'"));
}

TEST_CASE("only an address of this machine alone is loopback, and an address reads back as it is shown")
{
    const auto [text, loopback] = GENERATE(table<std::string, bool>({{"127.0.0.1:80", true},
                                                                     {"127.9.9.9:80", true},
                                                                     {"[::1]:80", true},
                                                                     {"0.0.0.0:80", false},
                                                                     {"[::]:80", false},
                                                                     {"192.0.2.1:80", false}}));
    const Result<ListenAddress> address = parse_listen_address("--listen", text);
    REQUIRE(address);
    CHECK(is_loopback(*address) == loopback);
    CHECK(shown(*address) == text);
}
