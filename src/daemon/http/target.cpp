#include "daemon/http/target.hpp"

#include "daemon/http/ascii.hpp"
#include "sbx/utf8.hpp"

#include <algorithm>

namespace sbx::daemon {
namespace {

enum class Plus { as_sent, is_space };

Error malformed(std::string what)
{
    return Error(Errc::invalid_argument, std::move(what));
}

Result<std::string> decode(std::string_view text, Plus plus)
{
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '+' && plus == Plus::is_space) c = ' ';
        if (c == '%') {
            const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
            const int low = high < 0 ? -1 : hex_value(text[i + 2]);
            if (low < 0) return malformed("the target holds a percent sign without two digits");
            c = static_cast<char>(high * 16 + low);
            i += 2;
        }
        if (c == '\0') return malformed("the target holds a NUL");
        decoded += c;
    }
    if (!is_utf8(decoded)) return malformed("the target is not UTF-8");
    return decoded;
}

Result<std::string> decode_segment(std::string_view text)
{
    Result<std::string> segment = decode(text, Plus::as_sent);
    if (!segment) return segment;
    const bool odd = std::any_of(segment->begin(), segment->end(), [](char c) { return is_control(c) || c == '\\'; });
    if (odd) return malformed("the path holds a control character or a backslash");
    return segment;
}

/// Calls `each` with the parts between `separator` until it returns an error.
template <class Each>
Result<void> split(std::string_view text, char separator, Each each)
{
    for (;;) {
        const std::size_t at = text.find(separator);
        if (Result<void> taken = each(text.substr(0, at)); !taken) return taken;
        if (at == std::string_view::npos) return {};
        text.remove_prefix(at + 1);
    }
}

Result<void> take_pair(std::string_view text, Target& target)
{
    if (text.empty()) return {};
    const std::size_t equals = text.find('=');
    Result<std::string> name = decode(text.substr(0, equals), Plus::is_space);
    if (!name) return name.error();
    Result<std::string> value;
    if (equals != std::string_view::npos) value = decode(text.substr(equals + 1), Plus::is_space);
    if (!value) return value.error();
    target.query.emplace_back(std::move(*name), std::move(*value));
    return {};
}

}  // namespace

std::optional<std::string_view> Target::value(std::string_view name) const
{
    const auto found = std::find_if(query.begin(), query.end(), [&](const auto& pair) { return pair.first == name; });
    if (found == query.end()) return std::nullopt;
    return found->second;
}

Result<Target> parse_target(std::string_view text)
{
    const std::size_t mark = text.find('?');
    Target target;
    target.text = text;
    target.path = text.substr(0, mark);
    if (target.path.empty() || target.path.front() != '/') return malformed("the target must begin with a slash");
    const Result<void> path = split(std::string_view(target.path).substr(1), '/', [&](std::string_view part) {
        Result<std::string> segment = decode_segment(part);
        if (!segment) return Result<void>(segment.error());
        target.segments.push_back(std::move(*segment));
        return Result<void>();
    });
    if (!path) return path.error();
    if (mark == std::string_view::npos) return target;
    const Result<void> query =
        split(text.substr(mark + 1), '&', [&](std::string_view part) { return take_pair(part, target); });
    if (!query) return query.error();
    return target;
}

}  // namespace sbx::daemon
