#include "daemon/http/framing.hpp"

#include "daemon/http/ascii.hpp"

#include <algorithm>

namespace sbx::daemon {
namespace {

constexpr std::size_t most_digits = 18;  // below 2^63

Refusal malformed(std::string message)
{
    return Refusal(400, "protocol_error", std::move(message));
}

std::optional<Refusal> read_length(std::string_view text, Framing& framing)
{
    if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit))
        return malformed("Content-Length is not a number");
    if (text.size() > most_digits) return Refusal(413, "protocol_error", "Content-Length is too large");
    for (const char digit : text) framing.length = framing.length * 10 + static_cast<std::uint64_t>(digit - '0');
    return std::nullopt;
}

std::optional<Refusal> read_body_framing(const http::fields& fields, Framing& framing)
{
    const std::size_t lengths = fields.count(http::field::content_length);
    const std::size_t codings = fields.count(http::field::transfer_encoding);
    if (lengths > 0 && codings > 0) return malformed("both Content-Length and Transfer-Encoding");
    if (lengths > 1) return malformed("more than one Content-Length");
    if (codings > 1) return malformed("more than one Transfer-Encoding");
    if (lengths == 1) return read_length(fields[http::field::content_length], framing);
    if (codings == 0) return std::nullopt;
    if (!equals_ignoring_case(fields[http::field::transfer_encoding], "chunked"))
        return malformed("the only transfer coding is chunked");
    framing.chunked = true;
    return std::nullopt;
}

}  // namespace

bool lists(const http::fields& fields, http::field name, std::string_view word)
{
    const auto [first, last] = fields.equal_range(name);
    return std::any_of(first, last, [&](const auto& field) {
        std::string_view rest(field.value().data(), field.value().size());
        while (!rest.empty()) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            if (equals_ignoring_case(trimmed(rest.substr(0, comma)), word)) return true;
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
        return false;
    });
}

std::optional<Refusal> read_framing(http::verb method, const http::fields& fields, Framing& framing)
{
    framing = Framing();
    if (auto refusal = read_body_framing(fields, framing)) return refusal;
    framing.keep_alive = !lists(fields, http::field::connection, "close");
    framing.upgrades = fields.count(http::field::upgrade) > 0 && lists(fields, http::field::connection, "upgrade");
    // What follows such a head would be its body to one server and the new protocol's bytes to another.
    if (framing.upgrades && method == http::verb::get && framing.has_body())
        return malformed("an upgrade cannot have a body");
    if (fields.count(http::field::expect) > 0) {
        const bool known =
            fields.count(http::field::expect) == 1 && equals_ignoring_case(fields[http::field::expect], "100-continue");
        if (!known) return Refusal(417, "protocol_error", "the only expectation is 100-continue");
        framing.expects_continue = framing.has_body();
    }
    return std::nullopt;
}

}  // namespace sbx::daemon
