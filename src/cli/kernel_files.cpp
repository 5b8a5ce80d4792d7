#include "cli/kernel_files.hpp"

#include "core/wire/base64.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace sbx::cli {
namespace {

using nlohmann::ordered_json;

constexpr int most_files = 100'000;

struct Kind {
    std::string_view mime;
    std::string_view extension;
    bool is_bytes;  ///< base64 in a message
};

constexpr std::array known{Kind{"image/png", "png", true},       Kind{"image/jpeg", "jpg", true},
                           Kind{"image/gif", "gif", true},       Kind{"image/webp", "webp", true},
                           Kind{"application/pdf", "pdf", true}, Kind{"image/svg+xml", "svg", false}};

std::string extension_of(std::string_view mime)
{
    for (const Kind& row : known)
        if (row.mime == mime) return std::string(row.extension);
    return mime == "application/json" || mime.ends_with("+json") ? "json" : "bin";
}

Error cannot_write(const std::filesystem::path& path)
{
    const Errc code = errno == EACCES || errno == EPERM ? Errc::permission_denied : Errc::unavailable;
    return Error(code, fmt::format("--artifacts: cannot write {}: {}", path.native(), std::strerror(errno)));
}

/// A new file with the first number that is free.
Result<int> open_numbered(const std::filesystem::path& directory, const std::string& extension,
                          std::filesystem::path& path)
{
    for (int number = 1; number <= most_files; ++number) {
        path = directory / fmt::format("{}.{}", number, extension);
        const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (file >= 0) return file;
        if (errno != EEXIST) break;
    }
    return cannot_write(path);
}

/// @return the file
Result<std::filesystem::path> write_value(const std::filesystem::path& directory, const std::string& extension,
                                          std::string_view bytes)
{
    std::filesystem::path path;
    const Result<int> file = open_numbered(directory, extension, path);
    if (!file) return file.error();
    Result<std::filesystem::path> written = path;
    while (!bytes.empty() && written) {
        const ssize_t count = ::write(*file, bytes.data(), bytes.size());
        if (count > 0)
            bytes.remove_prefix(static_cast<std::size_t>(count));
        else if (errno != EINTR)
            written = cannot_write(directory);
    }
    ::close(*file);
    return written;
}

}  // namespace

std::optional<std::string> content_of(std::string_view mime, const ordered_json& value)
{
    if (!value.is_string() || mime == "application/json" || mime.ends_with("+json")) return value.dump();
    const auto& text = value.get_ref<const std::string&>();
    if (!mime.ends_with("+xml")) {
        std::string bytes;
        std::string one_line = text;  // IPython ends it with a line break, others break it every 76 characters
        std::erase_if(one_line, [](char c) { return c == '\n' || c == '\r'; });
        if (wire::from_base64(one_line, bytes)) return bytes;
    }
    const auto* row = std::ranges::find(known, mime, &Kind::mime);
    if (row != known.end() && row->is_bytes) return std::nullopt;
    return text;
}

Result<SavedValues> save_values(const ordered_json& data, const std::filesystem::path& directory)
{
    SavedValues saved;
    for (const auto& [mime, value] : data.items()) {
        if (mime.starts_with("text/")) continue;
        const std::optional<std::string> content = content_of(mime, value);
        if (!content) {
            saved.warnings.push_back(fmt::format("a value of {} was not saved: it is not base64", mime));
            continue;
        }
        std::error_code failed;
        std::filesystem::create_directories(directory, failed);
        const Result<std::filesystem::path> file = write_value(directory, extension_of(mime), *content);
        if (!file) return file.error();
        saved.files.push_back(*file);
    }
    return saved;
}

}  // namespace sbx::cli
