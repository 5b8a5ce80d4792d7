#include "daemon/interpreter/file_names.hpp"

#include "sbx/utf8.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace sbx::daemon {
namespace {

constexpr std::size_t longest_name = 256;
constexpr std::size_t most_levels = 10;

/// Calls `each` with the parts between slashes, as long as it says true.
template <class Each>
bool all_parts(std::string_view name, Each each)
{
    for (;;) {
        const std::size_t slash = name.find('/');
        if (!each(name.substr(0, slash))) return false;
        if (slash == std::string_view::npos) return true;
        name.remove_prefix(slash + 1);
    }
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 39> types{{
    {".bmp", "image/bmp"},
    {".c", "text/plain"},
    {".cpp", "text/plain"},
    {".css", "text/css"},
    {".csv", "text/csv"},
    {".doc", "application/msword"},
    {".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {".gif", "image/gif"},
    {".go", "text/plain"},
    {".gz", "application/gzip"},
    {".htm", "text/html"},
    {".html", "text/html"},
    {".java", "text/plain"},
    {".jpeg", "image/jpeg"},
    {".jpg", "image/jpeg"},
    {".js", "text/javascript"},
    {".json", "application/json"},
    {".log", "text/plain"},
    {".md", "text/markdown"},
    {".mp3", "audio/mpeg"},
    {".mp4", "video/mp4"},
    {".parquet", "application/vnd.apache.parquet"},
    {".pdf", "application/pdf"},
    {".php", "text/plain"},
    {".png", "image/png"},
    {".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {".py", "text/x-python"},
    {".rs", "text/plain"},
    {".svg", "image/svg+xml"},
    {".tar", "application/x-tar"},
    {".ts", "text/plain"},
    {".tsv", "text/tab-separated-values"},
    {".txt", "text/plain"},
    {".wav", "audio/wav"},
    {".webp", "image/webp"},
    {".xls", "application/vnd.ms-excel"},
    {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {".xml", "application/xml"},
    {".zip", "application/zip"},
}};

}  // namespace

bool is_file_name(std::string_view name)
{
    const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
    if (name.empty() || name.size() > longest_name || !is_utf8(name) || std::ranges::any_of(name, is_control))
        return false;
    std::size_t levels = 0;
    return all_parts(name, [&](std::string_view part) {
        return ++levels <= most_levels && !part.empty() && part != "." && part != "..";
    });
}

bool is_result_name(std::string_view name)
{
    return all_parts(name, [](std::string_view part) {
        return !part.starts_with('.') && part != "__pycache__" && part != "node_modules";
    });
}

std::string_view extension_of(std::string_view name)
{
    const std::string_view base = name.substr(name.rfind('/') + 1);
    const std::size_t dot = base.rfind('.');
    return dot == std::string_view::npos || dot == 0 ? std::string_view() : base.substr(dot);
}

std::string media_type_of(std::string_view name)
{
    std::string extension(extension_of(name));
    std::ranges::transform(extension, extension.begin(), [](unsigned char c) { return std::tolower(c); });
    const auto* const known = std::ranges::find(types, extension, [](const auto& row) { return row.first; });
    return std::string(known == types.end() ? "application/octet-stream" : known->second);
}

}  // namespace sbx::daemon
