#include "core/config/settings_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>
#include <boost/algorithm/string/classification.hpp>
#include <boost/algorithm/string/split.hpp>
#include <boost/algorithm/string/trim.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

namespace sbx {
namespace {

namespace fs = std::filesystem;
using boost::algorithm::trim_copy;

Result<std::string> text_of(const toml::node& node)
{
    if (const auto* value = node.as_string()) return **value;
    if (const auto* value = node.as_integer()) return fmt::format("{}", **value);
    if (const auto* value = node.as_floating_point()) return fmt::format("{}", **value);
    if (const auto* value = node.as_boolean()) return std::string(**value ? "true" : "false");
    return Error(Errc::invalid_argument, "not a text or a number");
}

constexpr std::string_view library_key = "libraries";

/// What may be a list: then it is its items with commas between them, or line ends where a comma may be in an item.
constexpr std::array<std::string_view, 4> list_keys{"egress.permit", "allow", library_key, "preload"};

Result<std::string> text_of(const std::string& key, const toml::node& node)
{
    const toml::array* list = node.as_array();
    if (list == nullptr || std::ranges::find(list_keys, key) == list_keys.end()) return text_of(node);
    std::vector<std::string> items;
    for (const toml::node& item : *list) {
        Result<std::string> text = text_of(item);
        if (!text) return text.error();
        items.push_back(std::move(*text));
    }
    return fmt::format("{}", fmt::join(items, key == library_key ? "\n" : ", "));
}

Result<void> collect(const toml::table& table, const std::string& prefix, std::string_view name,
                     std::vector<FileValue>& into)
{
    for (const auto& [key, node] : table) {
        const std::string full = prefix + std::string(key.str());
        if (const toml::table* below = node.as_table()) {
            Result<void> collected = collect(*below, full + ".", name, into);
            if (!collected) return collected;
            continue;
        }
        const std::size_t line = node.source().begin.line;
        Result<std::string> text = text_of(full, node);
        if (!text)
            return Error(Errc::invalid_argument, fmt::format("{}:{}: {}: {}", name, line, full, text.error().message),
                         "sbx config show");
        into.push_back({full, std::move(*text), line});
    }
    return Result<void>();
}

std::vector<std::string> lines_of(std::string_view text)
{
    std::vector<std::string> lines;
    std::istringstream stream{std::string(text)};
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

/// The comment at the end of a line with what stands before it, or nothing.
std::string_view trailing_comment(std::string_view line)
{
    char quote = '\0';
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quote == '"' && c == '\\')
            ++i;
        else if (quote != '\0')
            quote = c == quote ? '\0' : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '#')
            return line.substr(line.find_last_not_of(" \t", i - 1) + 1);
    }
    return {};
}

bool is_header(const std::string& line)
{
    return trim_copy(line).starts_with('[');
}

bool assigns(const std::string& line, std::string_view name)
{
    const std::size_t equals = line.find('=');
    return equals != std::string::npos && trim_copy(line.substr(0, equals)) == name;
}

}  // namespace

Result<std::vector<FileValue>> parse_settings(std::string_view toml, std::string_view name)
try {
    const toml::table table = toml::parse(toml);
    std::vector<FileValue> values;
    const Result<void> collected = collect(table, "", name, values);
    if (!collected) return collected.error();
    return values;
} catch (const toml::parse_error& e) {
    return Error(Errc::invalid_argument, fmt::format("{}:{}: {}", name, e.source().begin.line, e.description()),
                 fmt::format("edit {}", name));
}

std::vector<std::string> items_of(std::string_view text)
{
    std::vector<std::string> items;
    boost::algorithm::split(items, text, boost::algorithm::is_any_of(", "), boost::algorithm::token_compress_on);
    std::erase(items, "");
    return items;
}

std::string with_setting(std::string_view toml, std::string_view key, std::string_view literal)
{
    const std::size_t dot = key.find('.');
    const std::string_view table = dot == std::string_view::npos ? "" : key.substr(0, dot);
    const std::string_view name = dot == std::string_view::npos ? key : key.substr(dot + 1);
    const std::string header = fmt::format("[{}]", table);

    std::vector<std::string> lines = lines_of(toml);
    const std::size_t absent = lines.size() + 1;
    std::size_t after = table.empty() ? 0 : absent;  // where a new line of this table belongs
    bool inside = table.empty();
    bool replaced = false;
    for (std::size_t i = 0; i < lines.size() && !replaced; ++i) {
        if (is_header(lines[i])) inside = trim_copy(lines[i].substr(0, lines[i].find('#'))) == header;
        if (inside && !trim_copy(lines[i]).empty()) after = i + 1;
        if (!inside || !assigns(lines[i], name)) continue;
        lines[i] = fmt::format("{} = {}{}", name, literal, std::string(trailing_comment(lines[i])));
        replaced = true;
    }
    if (!replaced && after == absent) {
        if (!lines.empty()) lines.emplace_back();
        lines.push_back(header);
        after = lines.size();
    }
    if (!replaced)
        lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(after), fmt::format("{} = {}", name, literal));
    return fmt::format("{}\n", fmt::join(lines, "\n"));
}

std::string toml_string(std::string_view text)
{
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            quoted += {'\\', c};
        else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            quoted += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        else
            quoted += c;
    }
    return quoted + '"';
}

Result<std::string> read_settings_file(const fs::path& path)
{
    constexpr std::uintmax_t most = 1 << 20;
    std::error_code ec;
    if (!fs::exists(path, ec))
        return Error(Errc::not_found, fmt::format("no such file: {}", path.string()), "sbx config path");
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (!fs::is_regular_file(path, ec) || !file)
        return Error(Errc::permission_denied, fmt::format("{}: cannot be read as a file", path.string()),
                     fmt::format("ls -l {}", path.string()));
    if (fs::file_size(path, ec) > most)
        return Error(Errc::too_large, fmt::format("{}: larger than 1 MiB", path.string()), "sbx config path");
    text << file.rdbuf();
    return std::move(text).str();
}

}  // namespace sbx
