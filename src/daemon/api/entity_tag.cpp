#include "daemon/api/entity_tag.hpp"

#include "core/store/digest.hpp"
#include "daemon/http/ascii.hpp"

#include <fmt/format.h>

#include <vector>

namespace sbx::daemon {
namespace {

constexpr std::string_view weak_mark = "W/";
constexpr std::size_t tag_digits = 32;

/// Of `entity-tag`, without its quotation marks.
bool is_opaque(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return !is_control(c) && c != '"' && c != ' '; });
}

/// Tags as they stand in a list, which may have empty elements; empty where it is none. @source RFC 9110, section 5.6.1
std::vector<std::string_view> tags_of(std::string_view list)
{
    std::vector<std::string_view> tags;
    bool separated = true;
    for (list = trimmed(list); !list.empty(); list = trimmed(list)) {
        if (list.front() == ',') {
            separated = true;
            list.remove_prefix(1);
            continue;
        }
        const std::size_t mark = list.starts_with(weak_mark) ? weak_mark.size() : 0;
        const std::size_t end = list.size() > mark && list[mark] == '"' ? list.find('"', mark + 1) : std::string::npos;
        const bool is_tag = end != std::string_view::npos && is_opaque(list.substr(mark + 1, end - mark - 1));
        if (!separated || !is_tag) return {};
        tags.push_back(list.substr(0, end + 1));
        separated = false;
        list.remove_prefix(end + 1);
    }
    return tags;
}

std::string_view opaque(std::string_view tag)
{
    return tag.starts_with(weak_mark) ? tag.substr(weak_mark.size()) : tag;
}

/// @param strong  two weak tags never match
/// @return nothing where the list is malformed
std::optional<bool> matches(std::string_view list, const std::optional<std::string>& tag, bool strong)
{
    if (trimmed(list) == "*") return tag.has_value();
    const std::vector<std::string_view> tags = tags_of(list);
    if (tags.empty()) return std::nullopt;
    if (!tag || (strong && tag->starts_with(weak_mark))) return false;
    return std::any_of(tags.begin(), tags.end(),
                       [&](std::string_view each) { return strong ? each == *tag : opaque(each) == opaque(*tag); });
}

/// A field that comes again continues its list. @source RFC 9110, section 5.3
std::optional<std::string> whole(const http::fields& fields, http::field name)
{
    std::optional<std::string> all;
    const auto [begin, end] = fields.equal_range(name);
    for (auto at = begin; at != end; ++at)
        all = all ? fmt::format("{}, {}", *all, std::string_view(at->value())) : std::string(at->value());
    return all;
}

}  // namespace

std::string entity_tag_of(std::string_view bytes)
{
    return fmt::format("\"{}\"", to_hex(digest_of(bytes)).substr(0, tag_digits));
}

Precondition check_preconditions(http::verb method, const http::fields& fields, const std::optional<std::string>& tag)
{
    if (const auto wanted = whole(fields, http::field::if_match)) {
        const auto matched = matches(*wanted, tag, true);
        if (!matched) return Precondition::malformed;
        if (!*matched) return Precondition::failed;
    }
    const auto unwanted = whole(fields, http::field::if_none_match);
    if (!unwanted) return Precondition::holds;
    const auto matched = matches(*unwanted, tag, false);
    if (!matched) return Precondition::malformed;
    if (!*matched) return Precondition::holds;
    const bool reads = method == http::verb::get || method == http::verb::head;
    return reads ? Precondition::not_modified : Precondition::failed;
}

bool if_range_holds(const http::fields& fields, const std::string& tag)
{
    const auto wanted = whole(fields, http::field::if_range);
    return !wanted || (!tag.starts_with(weak_mark) && trimmed(*wanted) == tag);
}

}  // namespace sbx::daemon
