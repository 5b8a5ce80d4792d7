#include "core/net/address_rules.hpp"

#include <fmt/format.h>

#include <ifaddrs.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>

namespace sbx {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;

struct Block {
    const char* base;
    unsigned bits;
    const char* what;
};

constexpr const char* ipv4_inside = "an IPv4 address in IPv6";

/// @source IANA's registries of special-purpose addresses, IPv4 and IPv6; the first that contains an address counts
constexpr std::array blocks{
    Block{"0.0.0.0", 8, "an address of this network"},
    Block{"10.0.0.0", 8, "a private address"},
    Block{"100.64.0.0", 10, "an address shared by a provider's customers"},
    Block{"127.0.0.0", 8, "a loopback address"},
    Block{"168.63.129.16", 32, "a metadata address"},  // public by its number, served inside Azure only
    Block{"169.254.169.254", 32, "a metadata address"},
    Block{"169.254.0.0", 16, "a link-local address"},
    Block{"172.16.0.0", 12, "a private address"},
    Block{"192.0.0.0", 24, "an address for protocols"},
    Block{"192.0.2.0", 24, "a documentation address"},
    Block{"192.31.196.0", 24, "an address for protocols"},
    Block{"192.52.193.0", 24, "an address for protocols"},
    Block{"192.88.99.0", 24, "a relay for IPv6"},
    Block{"192.168.0.0", 16, "a private address"},
    Block{"192.175.48.0", 24, "an address for protocols"},
    Block{"198.18.0.0", 15, "a benchmarking address"},
    Block{"198.51.100.0", 24, "a documentation address"},
    Block{"203.0.113.0", 24, "a documentation address"},
    Block{"224.0.0.0", 4, "a multicast address"},
    Block{"240.0.0.0", 4, "a reserved address"},
    Block{"::", 128, "an address of no host"},
    Block{"::1", 128, "a loopback address"},
    Block{"::ffff:0:0", 96, ipv4_inside},    // mapped
    Block{"::ffff:0:0:0", 96, ipv4_inside},  // translated
    Block{"::", 96, ipv4_inside},            // compatible
    Block{"64:ff9b::", 96, ipv4_inside},     // NAT64
    Block{"64:ff9b:1::", 48, ipv4_inside},   // NAT64 of a network's own
    Block{"2001::", 32, ipv4_inside},        // Teredo
    Block{"2002::", 16, ipv4_inside},        // 6to4
    Block{"2001:db8::", 32, "a documentation address"},
    Block{"2001::", 23, "an address for protocols"},
    Block{"2620:4f:8000::", 48, "an address for protocols"},
    Block{"3fff::", 20, "a documentation address"},
    Block{"fd00:ec2::254", 128, "a metadata address"},
    Block{"fc00::", 7, "a private address"},
    Block{"fe80::", 10, "a link-local address"},
    Block{"fec0::", 10, "a private address"},
    Block{"ff00::", 8, "a multicast address"},
};

/// Everything that is given out to hosts so far.
constexpr Block public_ipv6{"2000::", 3, ""};

template <class Bytes>
bool shares_bits(const Bytes& a, const Bytes& b, unsigned bits)
{
    for (std::size_t i = 0; i < a.size() && bits > 0; ++i) {
        const unsigned here = std::min(bits, 8U);
        const unsigned mask = 0xffU << (8 - here);
        if (((a[i] ^ b[i]) & mask) != 0) return false;
        bits -= here;
    }
    return true;
}

AddressRange range_of(const Block& block)
{
    return {boost::asio::ip::make_address(block.base), block.bits};
}

template <std::size_t at>
address_v4 four_bytes(const address_v6::bytes_type& bytes)
{
    return address_v4({bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]});
}

/// An ISATAP interface identifier holds an IPv4 address under any prefix.
bool is_isatap(const address_v6::bytes_type& bytes)
{
    return (bytes[8] & 0xfc) == 0 && bytes[9] == 0 && bytes[10] == 0x5e && bytes[11] == 0xfe;
}

/// What kind of special address it is, or an empty text for a public one.
std::string special_kind(const address& which)
{
    const auto* block = std::ranges::find_if(blocks, [&](const Block& b) { return range_of(b).contains(which); });
    if (block != blocks.end()) return block->what;
    if (!which.is_v6()) return {};
    if (!range_of(public_ipv6).contains(which)) return "a reserved address";
    return is_isatap(which.to_v6().to_bytes()) ? ipv4_inside : "";
}

/// The IPv4 address that packets to this IPv6 address may be taken to, where its form holds one.
std::optional<address_v4> embedded(const address& outer)
{
    if (!outer.is_v6()) return std::nullopt;
    const auto bytes = outer.to_v6().to_bytes();
    if (range_of({"2002::", 16, ""}).contains(outer)) return four_bytes<2>(bytes);
    if (range_of({"2001::", 32, ""}).contains(outer)) return address_v4(~four_bytes<12>(bytes).to_uint());
    if (is_isatap(bytes) || special_kind(outer) == ipv4_inside) return four_bytes<12>(bytes);
    return std::nullopt;
}

}  // namespace

bool AddressRange::contains(const address& other) const
{
    if (base.is_v4() != other.is_v4()) return false;
    if (base.is_v4()) return shares_bits(base.to_v4().to_bytes(), other.to_v4().to_bytes(), bits);
    return shares_bits(base.to_v6().to_bytes(), other.to_v6().to_bytes(), bits);
}

Result<AddressRange> parse_address_range(std::string_view name, std::string_view text)
{
    const std::size_t slash = text.find('/');
    boost::system::error_code wrong;
    AddressRange range;
    range.base = boost::asio::ip::make_address(std::string(text.substr(0, slash)), wrong);
    const unsigned all = range.base.is_v4() ? 32 : 128;
    range.bits = all;
    bool sound = !wrong;
    if (slash != std::string_view::npos) {
        const std::string_view bits = text.substr(slash + 1);
        const auto [end, ec] = std::from_chars(bits.data(), bits.data() + bits.size(), range.bits);
        sound = sound && ec == std::errc() && end == bits.data() + bits.size() && range.bits <= all;
    }
    if (sound) return range;
    return Error(Errc::invalid_argument, fmt::format("{}: '{}' is not a range of addresses", name, text),
                 "192.0.2.0/24, say");
}

bool AddressRules::permits(const address& which) const
{
    return std::ranges::any_of(permitted_, [&](const AddressRange& range) { return range.contains(which); });
}

std::string AddressRules::refusal(const address& which, const std::vector<address>& own) const
{
    if (permits(which)) {
        // A range of translated addresses opens none that would be refused by itself.
        const auto inner = embedded(which);
        return inner ? refusal(*inner, own) : std::string();
    }
    const std::string special = special_kind(which);
    const bool is_own = std::ranges::find(own, which) != own.end();
    return special.empty() && is_own ? "an address of this machine" : special;
}

Result<std::vector<address>> own_addresses()
{
    std::vector<address> own;
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0)
        return Error(Errc::internal, "cannot tell the addresses of this machine, and so which are its own");
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> all(first, ::freeifaddrs);
    for (const ifaddrs* each = first; each != nullptr; each = each->ifa_next) {
        if (each->ifa_addr == nullptr) continue;
        // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): how sockets name addresses
        if (each->ifa_addr->sa_family == AF_INET) {
            const auto* v4 = reinterpret_cast<const sockaddr_in*>(each->ifa_addr);
            own.emplace_back(address_v4(ntohl(v4->sin_addr.s_addr)));
        } else if (each->ifa_addr->sa_family == AF_INET6) {
            const auto* v6 = reinterpret_cast<const sockaddr_in6*>(each->ifa_addr);
            address_v6::bytes_type bytes;
            std::copy_n(static_cast<const unsigned char*>(v6->sin6_addr.s6_addr), bytes.size(), bytes.begin());
            own.emplace_back(address_v6(bytes));
        }
        // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
    }
    return own;
}

}  // namespace sbx
