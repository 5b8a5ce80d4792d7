#include "daemon/idempotency/idempotency_key.hpp"

#include "daemon/http/ascii.hpp"

namespace sbx::daemon {
namespace {

constexpr std::size_t longest_key = 255;

Error malformed(const char* why)
{
    return {Errc::invalid_argument, std::string("Idempotency-Key: ") + why, R"(Idempotency-Key: "8e03978e-40d5")"};
}

bool is_printable(char c)
{
    return c >= ' ' && c <= '~';
}

/// What stands between quotation marks.
Result<std::string> unquoted(std::string_view text)
{
    std::string key;
    text.remove_prefix(1);
    while (!text.empty() && text.front() != '"') {
        if (text.front() == '\\') text.remove_prefix(1);
        if (text.empty()) break;
        key += text.front();
        text.remove_prefix(1);
    }
    if (text != "\"") return malformed("its quotation marks do not match");
    return key;
}

}  // namespace

Result<std::optional<std::string>> idempotency_key(const http::fields& fields)
{
    const std::size_t count = fields.count(idempotency_key_field);
    if (count == 0) return std::optional<std::string>();
    if (count > 1) return malformed("there are two");
    const std::string_view text = trimmed(fields[idempotency_key_field]);
    Result<std::string> key = std::string(text);
    if (text.starts_with('"')) key = unquoted(text);
    if (!key) return key.error();
    if (key->empty()) return malformed("it is empty");
    if (key->size() > longest_key) return malformed("it is longer than 255 bytes");
    if (!std::all_of(key->begin(), key->end(), is_printable)) return malformed("it is not of printable ASCII");
    return std::optional(std::move(*key));
}

}  // namespace sbx::daemon
