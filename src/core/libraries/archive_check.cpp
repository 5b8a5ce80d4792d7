#include "core/libraries/archive_check.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace sbx {
namespace {

constexpr std::size_t chunk_bytes = 1U << 20;

bool is_below(const std::filesystem::path& path)
{
    return !path.empty() && path.is_relative() && std::ranges::count(path, "..") == 0;
}

bool is_harmless(archive_entry* entry)
{
    const auto type = archive_entry_filetype(entry);
    const char* const path = archive_entry_pathname(entry);
    const char* const link = archive_entry_hardlink(entry);
    if (path == nullptr || !is_below(path)) return false;
    if (link != nullptr) return is_below(link);
    return type == AE_IFREG || type == AE_IFDIR || type == AE_IFLNK;
}

}  // namespace

Result<void> check_archive(const std::filesystem::path& tar)
{
    const std::unique_ptr<archive, int (*)(archive*)> reader(archive_read_new(), archive_read_free);
    archive_read_support_format_tar(reader.get());
    int found = archive_read_open_filename(reader.get(), tar.c_str(), chunk_bytes);
    archive_entry* entry = nullptr;
    while (found == ARCHIVE_OK && (found = archive_read_next_header(reader.get(), &entry)) == ARCHIVE_OK)
        if (!is_harmless(entry))
            return Error(Errc::permission_denied, "the libraries' archive holds what is neither file, folder nor link");
    if (found == ARCHIVE_EOF) return {};
    return Error(Errc::invalid_argument, "the libraries' archive is damaged");
}

}  // namespace sbx
