#include "agent/dns_answer.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace sbx::agent {
namespace {

constexpr std::size_t header_size = 12;
constexpr std::size_t max_name = 253;
constexpr std::uint16_t type_a = 1;
constexpr std::uint16_t type_aaaa = 28;
constexpr std::uint16_t type_any = 255;
constexpr std::uint16_t class_internet = 1;

enum Rcode : std::uint8_t { no_error = 0, format_error = 1, name_error = 3, not_implemented = 4 };

struct Question {
    char name[max_name + 1];  ///< lower case, labels joined by dots
    std::size_t name_length = 0;
    std::uint16_t type = 0;
    std::uint16_t klass = 0;
    std::size_t end = 0;  ///< where it ends in the message

    std::string_view text() const { return {name, name_length}; }
};

std::uint8_t byte_at(std::span<const char> message, std::size_t at)
{
    return static_cast<std::uint8_t>(message[at]);
}

std::uint16_t word_at(std::span<const char> message, std::size_t at)
{
    return static_cast<std::uint16_t>(byte_at(message, at) << 8 | byte_at(message, at + 1));
}

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Reads the only question. A name in a question is never compressed.
bool parse_question(std::span<const char> message, Question& question)
{
    std::size_t at = header_size;
    while (at < message.size() && message[at] != 0) {
        const std::size_t length = byte_at(message, at);
        const std::size_t dot = question.name_length > 0 ? 1 : 0;
        if (length > 63 || at + 1 + length > message.size() || question.name_length + dot + length > max_name)
            return false;
        if (dot != 0) question.name[question.name_length++] = '.';
        for (const char c : message.subspan(at + 1, length)) question.name[question.name_length++] = lower(c);
        at += 1 + length;
    }
    if (at + 5 > message.size()) return false;
    question.type = word_at(message, at + 1);
    question.klass = word_at(message, at + 3);
    question.end = at + 5;
    return true;
}

bool is_loopback(std::string_view name)
{
    return name == "localhost" || name == "sandbox" || name.ends_with(".localhost");
}

std::optional<Ipv4> address_of(const Question& question, Names& names)
{
    if (question.klass != class_internet) return std::nullopt;
    if (is_loopback(question.text())) return Ipv4{127, 0, 0, 1};
    const std::optional<Ipv4> address = names.find(question.text());
    if (!address && (question.type == type_a || question.type == type_aaaa)) names.on_refused(question.text());
    return address;
}

/// The question's name, A, internet, for 60 seconds, four bytes. @return its length
std::size_t put_address(const Ipv4& address, char* into)
{
    constexpr char record[] = "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4";
    into = std::copy_n(record, sizeof record - 1, into);
    std::ranges::transform(address, into, [](unsigned char byte) { return static_cast<char>(byte); });
    return sizeof record - 1 + address.size();
}

}  // namespace

std::size_t answer_dns(std::span<const char> query, std::span<char, max_dns_message> reply, Names& names)
{
    if (query.size() < header_size || (query[2] & 0x80) != 0) return 0;  // too short, or itself a reply
    const int opcode = query[2] >> 3 & 0xf;
    Question question;
    Rcode rcode = no_error;
    std::optional<Ipv4> address;
    if (opcode != 0) {
        rcode = not_implemented;
    } else if (word_at(query, 4) != 1 || !parse_question(query, question)) {
        rcode = format_error;
    } else {
        address = address_of(question, names);
        if (!address) rcode = name_error;
    }
    const bool has_address = address && (question.type == type_a || question.type == type_any);
    const bool has_question = rcode == no_error || rcode == name_error;
    std::size_t length = has_question ? question.end : header_size;
    std::copy_n(query.data(), length, reply.data());
    reply[2] = static_cast<char>(0x84 | (query[2] & 0x79));                 // a reply, with authority
    reply[3] = static_cast<char>(0x80 | static_cast<std::uint8_t>(rcode));  // recursion is available
    std::fill_n(reply.data() + 4, header_size - 4, '\0');
    reply[5] = has_question ? 1 : 0;
    reply[7] = has_address ? 1 : 0;
    if (has_address) length += put_address(*address, reply.data() + length);
    return length;
}

}  // namespace sbx::agent
