#include "core/net/host_name.hpp"

#include "catch.hpp"

using sbx::normal_host;

TEST_CASE("names compare in lower case and without the dot at their end")
{
    const auto [text, normal] = GENERATE(table<const char*, const char*>({
        {"example.org", "example.org"},
        {"EXAMPLE.Org.", "example.org"},
        {"xn--bcher-kva.example", "xn--bcher-kva.example"},
        {"_dmarc.a-b.example", "_dmarc.a-b.example"},
        {"localhost", "localhost"},
        {"1.example", "1.example"},
    }));
    CHECK(normal_host(text) == normal);
}

TEST_CASE("addresses come in one form")
{
    const auto [text, normal] = GENERATE(table<const char*, const char*>({
        {"192.0.2.1", "192.0.2.1"},
        {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
        {"::FFFF:192.0.2.1", "::ffff:192.0.2.1"},
    }));
    CHECK(normal_host(text) == normal);
    CHECK(sbx::is_address(*normal_host(text)));
}

TEST_CASE("what is neither a name nor an address is nothing")
{
    const std::string text =
        GENERATE(as<std::string>(), "", ".", "a..b", ".a", "a..", "-a.example", "a-.example", "a b", "bücher.example",
                 "a/b", "a@b", "user:x@host", "a\\b", "a:80", "a%00", "fe80::1%eth0", "127.1", "2130706433", "0x7f.1",
                 "0x7f000001", "127.0.0.01x.1", "a.0x7f", "1.2.3.4.5", "[::1]", "a\n", "*", "*.example");
    CHECK_FALSE(normal_host(text));
    CHECK_FALSE(normal_host(std::string("a\0b", 3)));
    CHECK_FALSE(normal_host(std::string("1.2.3.4\0", 8)));
    CHECK_FALSE(normal_host(std::string(64, 'a') + ".example"));
    CHECK_FALSE(normal_host(std::string(250, 'a')));
}
