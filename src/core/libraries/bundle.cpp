#include "core/libraries/bundle.hpp"

#include "core/json.hpp"
#include "core/random.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace sbx {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t chunk_bytes = 1U << 20;
constexpr std::size_t most_json_bytes = 1U << 20;

using EntryPointer = std::unique_ptr<archive_entry, void (*)(archive_entry*)>;

EntryPointer new_entry(const std::string& name, std::uint64_t size)
{
    EntryPointer entry(archive_entry_new(), archive_entry_free);
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size));
    return entry;
}

}  // namespace

BundleWriter::BundleWriter(fs::path file)
    : file_(std::move(file)), aside_(file_.native() + "." + random_hex(4)), archive_(nullptr, archive_write_free)
{
}

BundleWriter::~BundleWriter()
{
    archive_.reset();
    std::error_code ignored;
    fs::remove(aside_, ignored);
}

Error BundleWriter::failure() const
{
    const char* const why = archive_error_string(archive_.get());
    return {Errc::unavailable, fmt::format("cannot write {}: {}", file_.native(), why ? why : std::strerror(errno))};
}

Result<void> BundleWriter::open()
{
    archive_.reset(archive_write_new());
    archive_write_set_format_pax_restricted(archive_.get());
    if (archive_write_open_filename(archive_.get(), aside_.c_str()) != ARCHIVE_OK) return failure();
    return {};
}

Result<void> BundleWriter::add(const LibrarySet& set, const fs::path& content)
{
    if (!archive_)
        if (auto opened = open(); !opened) return opened;
    const std::string about = nlohmann::json(set).dump(2) + "\n";
    const EntryPointer head = new_entry(set.key + ".json", about.size());
    if (archive_write_header(archive_.get(), head.get()) != ARCHIVE_OK ||
        archive_write_data(archive_.get(), about.data(), about.size()) < 0)
        return failure();
    std::error_code ec;
    const std::uint64_t size = fs::file_size(content, ec);
    std::ifstream bytes(content, std::ios::binary);
    if (ec || !bytes) return Error(Errc::unavailable, fmt::format("cannot read {}", content.native()));
    const EntryPointer body = new_entry(set.key + ".tar", size);
    if (archive_write_header(archive_.get(), body.get()) != ARCHIVE_OK) return failure();
    std::string chunk(chunk_bytes, '\0');
    while (bytes.read(chunk.data(), static_cast<std::streamsize>(chunk.size())) || bytes.gcount() > 0)
        if (archive_write_data(archive_.get(), chunk.data(), static_cast<std::size_t>(bytes.gcount())) < 0)
            return failure();
    return {};
}

Result<void> BundleWriter::finish()
{
    if (!archive_)
        if (auto opened = open(); !opened) return opened;
    if (archive_write_close(archive_.get()) != ARCHIVE_OK) return failure();
    std::error_code failed;
    fs::rename(aside_, file_, failed);
    if (failed) return Error(Errc::unavailable, fmt::format("cannot write {}: {}", file_.native(), failed.message()));
    return {};
}

BundleReader::BundleReader(const fs::path& file) : file_(file), archive_(archive_read_new(), archive_read_free)
{
    archive_read_support_format_tar(archive_.get());
}

Error BundleReader::failure() const
{
    const char* const why = archive_error_string(archive_.get());
    return {Errc::invalid_argument,
            fmt::format("{} is no bundle of libraries: {}", file_.native(), why ? why : "unreadable"),
            "sbx cache export FILE makes one"};
}

Result<std::optional<LibrarySet>> BundleReader::next(const fs::path& content)
{
    if (!opened_ && archive_read_open_filename(archive_.get(), file_.c_str(), chunk_bytes) != ARCHIVE_OK)
        return failure();
    opened_ = true;
    archive_entry* entry = nullptr;
    const int found = archive_read_next_header(archive_.get(), &entry);
    if (found == ARCHIVE_EOF) return std::optional<LibrarySet>();
    if (found != ARCHIVE_OK || archive_entry_size(entry) > static_cast<la_int64_t>(most_json_bytes)) return failure();
    std::string about(static_cast<std::size_t>(archive_entry_size(entry)), '\0');
    if (archive_read_data(archive_.get(), about.data(), about.size()) != static_cast<la_ssize_t>(about.size()))
        return failure();
    Result<LibrarySet> set = parse_as<LibrarySet>(about);
    if (!set || !is_library_key(set->key)) return failure();
    if (archive_read_next_header(archive_.get(), &entry) != ARCHIVE_OK ||
        archive_entry_pathname(entry) != set->key + ".tar")
        return failure();
    std::ofstream file(content, std::ios::binary | std::ios::trunc);
    std::string chunk(chunk_bytes, '\0');
    la_ssize_t count = 0;
    while ((count = archive_read_data(archive_.get(), chunk.data(), chunk.size())) > 0) file.write(chunk.data(), count);
    if (count < 0) return failure();
    file.close();
    if (!file) return Error(Errc::unavailable, fmt::format("cannot write {}", content.native()), "df -h");
    return std::optional<LibrarySet>(std::move(*set));
}

}  // namespace sbx
