#include "core/net/address_rules.hpp"

#include "catch.hpp"

using namespace sbx;
using boost::asio::ip::make_address;

namespace {

AddressRules permitting(std::initializer_list<const char*> ranges)
{
    std::vector<AddressRange> all;
    for (const char* range : ranges) all.push_back(*parse_address_range("egress.permit", range));
    return AddressRules(std::move(all));
}

std::string refusal(const AddressRules& rules, const char* address)
{
    return rules.refusal(make_address(address), {make_address("192.0.5.1"), make_address("2600::1")});
}

}  // namespace

TEST_CASE("addresses that are not public are refused in every form")
{
    const auto [address, why] = GENERATE(table<const char*, const char*>({
        {"0.0.0.0", "an address of this network"},
        {"0.1.2.3", "an address of this network"},
        {"10.0.0.1", "a private address"},
        {"10.255.255.255", "a private address"},
        {"100.64.0.1", "an address shared by a provider's customers"},
        {"100.100.100.200", "an address shared by a provider's customers"},
        {"127.0.0.1", "a loopback address"},
        {"127.255.255.254", "a loopback address"},
        {"168.63.129.16", "a metadata address"},
        {"169.254.169.254", "a metadata address"},
        {"169.254.170.2", "a link-local address"},
        {"172.16.0.1", "a private address"},
        {"172.31.255.255", "a private address"},
        {"192.0.0.192", "an address for protocols"},
        {"192.0.2.1", "a documentation address"},
        {"192.88.99.1", "a relay for IPv6"},
        {"192.168.1.1", "a private address"},
        {"198.18.0.1", "a benchmarking address"},
        {"198.19.255.255", "a benchmarking address"},
        {"198.51.100.7", "a documentation address"},
        {"203.0.113.7", "a documentation address"},
        {"224.0.0.1", "a multicast address"},
        {"239.255.255.255", "a multicast address"},
        {"240.0.0.1", "a reserved address"},
        {"255.255.255.255", "a reserved address"},
        {"192.0.5.1", "an address of this machine"},
        {"2600::1", "an address of this machine"},
        {"::", "an address of no host"},
        {"::1", "a loopback address"},
        {"::ffff:127.0.0.1", "an IPv4 address in IPv6"},
        {"::ffff:8.8.8.8", "an IPv4 address in IPv6"},
        {"::ffff:0:10.0.0.1", "an IPv4 address in IPv6"},
        {"::127.0.0.1", "an IPv4 address in IPv6"},
        {"::8.8.8.8", "an IPv4 address in IPv6"},
        {"64:ff9b::a00:1", "an IPv4 address in IPv6"},
        {"64:ff9b:1::a00:1", "an IPv4 address in IPv6"},
        {"2001:0:53aa:64c:0:0:f5ff:fffe", "an IPv4 address in IPv6"},
        {"2002:7f00:1::1", "an IPv4 address in IPv6"},
        {"2002:808:808::1", "an IPv4 address in IPv6"},
        {"2600::5efe:10.0.0.1", "an IPv4 address in IPv6"},
        {"2600::200:5efe:10.0.0.1", "an IPv4 address in IPv6"},
        {"2001:2::1", "an address for protocols"},
        {"2001:10::1", "an address for protocols"},
        {"2001:db8::1", "a documentation address"},
        {"3fff::1", "a documentation address"},
        {"fd00:ec2::254", "a metadata address"},
        {"fc00::1", "a private address"},
        {"fdff::1", "a private address"},
        {"fe80::1", "a link-local address"},
        {"fec0::1", "a private address"},
        {"ff02::1", "a multicast address"},
        {"100::1", "a reserved address"},
        {"5f00::1", "a reserved address"},
        {"4000::1", "a reserved address"},
    }));
    CHECK(refusal(AddressRules(), address) == why);
}

TEST_CASE("public addresses are connected to")
{
    const char* address = GENERATE("1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
                                   "126.255.255.255", "128.0.0.0", "172.15.255.255", "172.32.0.0", "192.0.3.0",
                                   "223.255.255.255", "2606:4700::1111", "2001:200::1", "2a00::1");
    CHECK(refusal(AddressRules(), address).empty());
}

TEST_CASE("an operator opens ranges, and nothing beside them")
{
    const AddressRules rules = permitting({"192.0.2.0/25", "127.0.0.1", "2001:db8::/32", "::1"});
    CHECK(refusal(rules, "192.0.2.127").empty());
    CHECK_FALSE(refusal(rules, "192.0.2.128").empty());
    CHECK(refusal(rules, "127.0.0.1").empty());
    CHECK_FALSE(refusal(rules, "127.0.0.2").empty());
    CHECK(refusal(rules, "2001:db8:1::1").empty());
    CHECK(refusal(rules, "::1").empty());
    CHECK_FALSE(refusal(rules, "::ffff:127.0.0.1").empty());
}

TEST_CASE("a permitted range of translated addresses opens no address that is refused by itself")
{
    const AddressRules rules = permitting({"64:ff9b::/96", "::ffff:0:0/96", "2002::/16", "2001::/32", "10.1.0.0/16"});
    CHECK(refusal(rules, "64:ff9b::808:808").empty());
    CHECK(refusal(rules, "64:ff9b::7f00:1") == "a loopback address");
    CHECK(refusal(rules, "::ffff:169.254.169.254") == "a metadata address");
    CHECK(refusal(rules, "2002:a00:1::1") == "a private address");
    CHECK(refusal(rules, "2002:a01:1::1").empty());
    CHECK(refusal(rules, "2001:0:53aa:64c:0:0:f5ff:fffe") == "a private address");
}

TEST_CASE("a range that is none is refused by the setting's name")
{
    const char* text =
        GENERATE("", "x", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/-1", "2001:db8::/129", "1.2.3/8", "/8");
    const auto range = parse_address_range("egress.permit", text);
    REQUIRE_FALSE(range);
    CHECK(range.error().message.starts_with("egress.permit: '"));
}

TEST_CASE("this machine knows its own addresses")
{
    const auto own = own_addresses();
    REQUIRE(own);
    CHECK(std::ranges::find(*own, make_address("127.0.0.1")) != own->end());
}
