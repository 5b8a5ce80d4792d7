#include "core/docker/tar.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <memory>

namespace sbx::docker {
namespace {

struct Free {
    void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
struct FreeWriter {
    void operator()(archive* writer) const { archive_write_free(writer); }
};
struct FreeReader {
    void operator()(archive* reader) const { archive_read_free(reader); }
};

la_ssize_t append(archive*, void* text, const void* bytes, std::size_t size)
{
    static_cast<std::string*>(text)->append(static_cast<const char*>(bytes), size);
    return static_cast<la_ssize_t>(size);
}

Error failure(archive* of)
{
    const char* const why = archive_error_string(of);
    return Error(Errc::invalid_argument, fmt::format("tar: {}", why ? why : "unreadable"));
}

}  // namespace

Result<std::string> write_tar(const std::vector<TarEntry>& entries)
{
    std::string tar;
    const std::unique_ptr<archive, FreeWriter> writer(archive_write_new());
    archive_write_set_format_pax_restricted(writer.get());
    archive_write_set_bytes_in_last_block(writer.get(), 1);
    if (archive_write_open(writer.get(), &tar, nullptr, append, nullptr) != ARCHIVE_OK) return failure(writer.get());
    for (const TarEntry& file : entries) {
        const std::unique_ptr<archive_entry, Free> entry(archive_entry_new());
        archive_entry_set_pathname(entry.get(), file.path.c_str());
        archive_entry_set_filetype(entry.get(), file.is_symbolic ? AE_IFLNK : AE_IFREG);
        archive_entry_set_perm(entry.get(), static_cast<__LA_MODE_T>(file.mode));
        archive_entry_set_size(entry.get(), static_cast<la_int64_t>(file.bytes.size()));
        if (file.is_symbolic)
            archive_entry_set_symlink(entry.get(), file.link_to.c_str());
        else if (!file.link_to.empty())
            archive_entry_set_hardlink(entry.get(), file.link_to.c_str());
        if (archive_write_header(writer.get(), entry.get()) != ARCHIVE_OK) return failure(writer.get());
        if (archive_write_data(writer.get(), file.bytes.data(), file.bytes.size()) < 0) return failure(writer.get());
    }
    if (archive_write_close(writer.get()) != ARCHIVE_OK) return failure(writer.get());
    return tar;
}

Result<std::vector<TarEntry>> read_tar(std::string_view tar, std::size_t max_bytes)
{
    const std::unique_ptr<archive, FreeReader> reader(archive_read_new());
    archive_read_support_format_tar(reader.get());
    if (archive_read_open_memory(reader.get(), tar.data(), tar.size()) != ARCHIVE_OK) return failure(reader.get());
    std::vector<TarEntry> entries;
    std::size_t total = 0;
    for (archive_entry* entry = nullptr;;) {
        const int status = archive_read_next_header(reader.get(), &entry);
        if (status == ARCHIVE_EOF) return entries;
        if (status != ARCHIVE_OK) return failure(reader.get());
        TarEntry file;
        const char* const path = archive_entry_pathname(entry);
        const char* const link = archive_entry_hardlink(entry);
        file.path = path ? path : "";
        const char* const symbolic = archive_entry_symlink(entry);
        file.link_to = link ? link : "";
        file.is_symbolic = symbolic != nullptr;
        if (symbolic) file.link_to = symbolic;
        file.mode = static_cast<unsigned>(archive_entry_perm(entry));
        file.is_file = link || archive_entry_filetype(entry) == AE_IFREG;
        const auto size = static_cast<std::size_t>(std::max<la_int64_t>(archive_entry_size(entry), 0));
        if (size > max_bytes - total) return Error(Errc::too_large, fmt::format("tar: more than {} bytes", max_bytes));
        total += size;
        file.bytes.resize(size);
        const la_ssize_t read = archive_read_data(reader.get(), file.bytes.data(), size);
        if (read < 0 || static_cast<std::size_t>(read) != size) return failure(reader.get());
        entries.push_back(std::move(file));
    }
}

}  // namespace sbx::docker
