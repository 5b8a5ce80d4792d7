#include "agent/tar_format.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <span>

namespace sbx::agent {
namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::uint64_t largest_octal = (std::uint64_t{1} << 33) - 1;
constexpr std::uint64_t latest_second = 9'000'000'000;  // in nanoseconds still a 64 bit number

template <std::size_t Size>
std::string text_in(const char (&field)[Size])
{
    return {field, strnlen(field, Size)};
}

/// Octal digits with blanks or NULs around them, or GNU's base 256.
template <std::size_t Size>
std::optional<std::uint64_t> number_in(const char (&field)[Size])
{
    std::uint64_t value = 0;
    if ((field[0] & 0x80) != 0) {
        if ((field[0] & 0x40) != 0) return 0;  // negative: a time before 1970
        value = field[0] & 0x3f;
        for (const char c : std::span(field).subspan(1)) {
            if (value >> 55 != 0) return {};
            value = value << 8 | static_cast<unsigned char>(c);
        }
        return value;
    }
    std::string_view digits(field, Size);
    digits.remove_prefix(std::min(digits.find_first_not_of(' '), Size));
    for (const char c : digits) {
        if (c == '\0' || c == ' ') break;
        if (c < '0' || c > '7' || value >> 60 != 0) return {};
        value = value << 3 | static_cast<std::uint64_t>(c - '0');
    }
    return value;
}

std::uint32_t checksum_of(const TarHeader& header)
{
    TarHeader copy = header;
    std::memset(copy.checksum, ' ', sizeof copy.checksum);
    const auto* bytes = reinterpret_cast<const unsigned char*>(&copy);
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < sizeof copy; ++i) sum += bytes[i];
    return sum;
}

template <std::size_t Size>
void put_octal(char (&field)[Size], std::uint64_t value)
{
    field[Size - 1] = '\0';
    for (std::size_t i = Size - 1; i-- > 0; value >>= 3) field[i] = static_cast<char>('0' + (value & 7));
}

template <std::size_t Size>
void put_text(char (&field)[Size], std::string_view text)
{
    std::copy_n(text.data(), std::min(text.size(), Size), field);
}

template <class Number>
bool parse_number(std::string_view text, Number& value)
{
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
}

/// Seconds with a fraction, as nanoseconds.
bool parse_time(std::string_view text, std::int64_t& ns)
{
    if (text.starts_with('-')) {
        ns = 0;
        return true;
    }
    const std::size_t point = std::min(text.find('.'), text.size());
    std::string fraction(text.substr(std::min(point + 1, text.size())));
    fraction.resize(9, '0');
    std::uint64_t whole = 0;
    std::uint64_t part = 0;
    if (!parse_number(text.substr(0, point), whole) || !parse_number(fraction, part) || whole > latest_second)
        return false;
    ns = static_cast<std::int64_t>(whole) * second + static_cast<std::int64_t>(part);
    return true;
}

bool store_record(std::string_view key, std::string_view value, PaxRecords& records)
{
    if (key == "path") {
        records.path = value;
    } else if (key == "linkpath") {
        records.link = value;
    } else if (key == "size") {
        std::uint64_t size = 0;
        if (!parse_number(value, size)) return false;
        records.size = size;
    } else if (key == "mtime") {
        std::int64_t ns = 0;
        if (!parse_time(value, ns)) return false;
        records.mtime_ns = ns;
    }
    return true;
}

std::string pax_record(std::string_view key, std::string_view value)
{
    const std::size_t rest = key.size() + value.size() + 3;  // blank, '=', newline
    std::size_t total = rest + 1;
    while (std::to_string(total).size() + rest != total) ++total;
    return std::to_string(total).append(" ").append(key).append("=").append(value).append("\n");
}

std::string format_block(const TarMember& member)
{
    TarHeader header = {};
    put_text(header.name, member.path);
    put_octal(header.mode, member.mode & 07777);
    put_octal(header.uid, 1000);
    put_octal(header.gid, 1000);
    put_octal(header.size, member.size);
    put_octal(header.mtime,
              std::min(static_cast<std::uint64_t>(std::max<std::int64_t>(member.mtime_ns, 0) / second), largest_octal));
    header.type = member.type;
    put_text(header.link, member.link);
    std::memcpy(header.magic, "ustar\00000", sizeof header.magic);
    put_octal(header.checksum, checksum_of(header));
    return {reinterpret_cast<const char*>(&header), sizeof header};
}

}  // namespace

std::optional<TarMember> parse_header(const TarHeader& header)
{
    if (number_in(header.checksum) != checksum_of(header)) return {};
    const auto mode = number_in(header.mode);
    const auto size = number_in(header.size);
    const auto mtime = number_in(header.mtime);
    if (!mode || !size || !mtime || *mtime > latest_second) return {};
    TarMember member{.path = text_in(header.name),
                     .link = text_in(header.link),
                     .type = header.type == '\0' ? '0' : header.type,
                     .mode = static_cast<std::uint32_t>(*mode & 07777),
                     .size = *size,
                     .mtime_ns = static_cast<std::int64_t>(*mtime) * second};
    const bool is_ustar = std::memcmp(header.magic, "ustar\0", 6) == 0;
    if (is_ustar && header.prefix[0] != '\0') member.path = text_in(header.prefix) + "/" + member.path;
    return member;
}

bool parse_pax(std::string_view text, PaxRecords& records)
{
    while (!text.empty()) {
        const std::size_t blank = text.find(' ');
        std::size_t length = 0;
        if (blank == text.npos || !parse_number(text.substr(0, blank), length)) return false;
        if (length <= blank + 1 || length > text.size() || text[length - 1] != '\n') return false;
        const std::string_view record = text.substr(blank + 1, length - blank - 2);
        const std::size_t equals = record.find('=');
        if (equals == record.npos || !store_record(record.substr(0, equals), record.substr(equals + 1), records))
            return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string format_header(const TarMember& member)
{
    std::string pax;
    if (member.path.size() > sizeof TarHeader::name) pax += pax_record("path", member.path);
    if (member.link.size() > sizeof TarHeader::link) pax += pax_record("linkpath", member.link);
    if (member.size > largest_octal) pax += pax_record("size", std::to_string(member.size));
    if (pax.empty()) return format_block(member);
    std::string blocks = format_block({.path = "pax", .type = 'x', .mode = 0644, .size = pax.size()});
    blocks += pax;
    blocks.append(tar_padding(pax.size()), '\0');
    return blocks + format_block(member);
}

}  // namespace sbx::agent
