#include "core/sandbox/output_directory.hpp"

#include "catch.hpp"
#include "core/whole_file.hpp"
#include "pieces.hpp"
#include "temp_directory.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <filesystem>

using namespace sbx;
namespace fs = std::filesystem;

namespace {

struct Entry {
    std::string name;
    std::string content;
    std::string link;  ///< a symbolic link's target
    std::string hardlink = {};
};

/// A tar file with exactly these entries, however hostile.
fs::path tar_of(const test::TempDirectory& temp, const std::vector<Entry>& entries)
{
    const fs::path path = temp.path() / "hostile.tar";
    archive* tar = archive_write_new();
    archive_write_set_format_pax_restricted(tar);
    archive_write_open_filename(tar, path.c_str());
    for (const Entry& entry : entries) {
        archive_entry* header = archive_entry_new();
        archive_entry_copy_pathname(header, entry.name.c_str());
        archive_entry_set_mode(header, (entry.link.empty() ? AE_IFREG : AE_IFLNK) | 0644);
        archive_entry_set_size(header, static_cast<la_int64_t>(entry.content.size()));
        if (!entry.link.empty()) archive_entry_copy_symlink(header, entry.link.c_str());
        if (!entry.hardlink.empty()) archive_entry_copy_hardlink(header, entry.hardlink.c_str());
        archive_write_header(tar, header);
        archive_write_data(tar, entry.content.data(), entry.content.size());
        archive_entry_free(header);
    }
    archive_write_free(tar);
    return path;
}

Result<Unpacked> unpack(const fs::path& tar, const fs::path& directory, std::uint64_t limit = 1 << 20)
{
    return unpack_below(directory, test::pieces_of(*read_whole_file(tar), 1 << 20), limit);
}

}  // namespace

TEST_CASE("names that lead outside are refused")
{
    const test::TempDirectory temp;
    const std::string name = GENERATE("../out.txt", "/etc/sbx-test", "a/../../b", "a/..");
    const auto unpacked = unpack(tar_of(temp, {{name, "x", ""}}), temp.path() / "out");
    REQUIRE(!unpacked);
    CHECK(unpacked.error().code == Errc::invalid_argument);
    CHECK_FALSE(fs::exists(temp.path() / "out.txt"));
}

TEST_CASE("a link from inside is never made, so nothing is written through it")
{
    const test::TempDirectory temp;
    const fs::path target = temp.path() / "target";
    fs::create_directories(target);
    const auto unpacked =
        unpack(tar_of(temp, {{"door", "", target.native()}, {"door/file", "x", ""}}), temp.path() / "out");
    REQUIRE(unpacked);
    CHECK(unpacked->left_out == std::vector<std::string>{"door"});
    CHECK(fs::is_empty(target));
    CHECK(read_whole_file(temp.path() / "out" / "door" / "file") == "x");
}

TEST_CASE("a hard link from inside is never made")
{
    const test::TempDirectory temp;
    const auto unpacked = unpack(tar_of(temp, {{"passwd", "", "", "/etc/passwd"}}), temp.path() / "out");
    REQUIRE(unpacked);
    CHECK(unpacked->left_out.size() == 1);
}

TEST_CASE("a link that already stands in the directory is not followed")
{
    const test::TempDirectory temp;
    const fs::path out = temp.path() / "out";
    fs::create_directories(out);
    fs::create_directories(temp.path() / "target");
    REQUIRE(write_whole_file(temp.path() / "secret", "mine"));
    fs::create_directory_symlink(temp.path() / "target", out / "door");
    fs::create_symlink(temp.path() / "secret", out / "file");

    const auto through = unpack(tar_of(temp, {{"door/file", "x", ""}}), out);
    REQUIRE(!through);
    CHECK(through.error().code == Errc::conflict);

    REQUIRE(unpack(tar_of(temp, {{"file", "new", ""}}), out));
    CHECK(read_whole_file(temp.path() / "secret") == "mine");
    CHECK(read_whole_file(out / "file") == "new");
    CHECK_FALSE(fs::is_symlink(out / "file"));
}

TEST_CASE("more than the limit is an error and leaves no half a file")
{
    const test::TempDirectory temp;
    const auto unpacked = unpack(tar_of(temp, {{"big", std::string(4096, 'x'), ""}}), temp.path() / "out", 1000);
    REQUIRE(!unpacked);
    CHECK(unpacked.error().code == Errc::too_large);
    CHECK(fs::is_empty(temp.path() / "out"));
}

TEST_CASE("a stream of names without content comes to an end too, and made directories count")
{
    const test::TempDirectory temp;
    const auto unpacked = unpack(tar_of(temp, std::vector<Entry>(70'000, Entry{"door", "", "x"})), temp.path() / "out");
    REQUIRE(!unpacked);
    CHECK(unpacked.error().code == Errc::too_large);
    const auto deep = unpack(tar_of(temp, {{"a/b/c/file", "", ""}, {"a/b/file", "", ""}}), temp.path() / "out");
    REQUIRE(deep);
    CHECK(deep->entries == 5);
}

TEST_CASE("the holes of a sparse file count as content")
{
    const test::TempDirectory temp;
    const fs::path path = temp.path() / "sparse.tar";
    archive* tar = archive_write_new();
    archive_write_set_format_pax(tar);
    archive_write_open_filename(tar, path.c_str());
    archive_entry* header = archive_entry_new();
    archive_entry_copy_pathname(header, "sparse");
    archive_entry_set_mode(header, AE_IFREG | 0644);
    archive_entry_set_size(header, 1LL << 40);
    archive_entry_sparse_add_entry(header, 0, 4);
    archive_write_header(tar, header);
    archive_write_data(tar, "data", 4);
    archive_entry_free(header);
    archive_write_free(tar);
    const auto unpacked = unpack(path, temp.path() / "out");
    REQUIRE(!unpacked);
    CHECK(unpacked.error().code == Errc::too_large);
    CHECK_FALSE(fs::exists(temp.path() / "out" / "sparse"));
}

TEST_CASE("what is no archive is refused")
{
    const test::TempDirectory temp;
    REQUIRE(write_whole_file(temp.path() / "noise", std::string(2048, '\x7f')));
    const auto unpacked = unpack(temp.path() / "noise", temp.path() / "out");
    REQUIRE(!unpacked);
    CHECK(unpacked.error().code == Errc::invalid_argument);
}

TEST_CASE("an archive may come in pieces of any size")
{
    const test::TempDirectory temp;
    const fs::path tar = tar_of(temp, {{"a", std::string(3000, 'a'), ""}, {"b/c", "c", ""}});
    const std::size_t size = GENERATE(1, 511, 513);
    REQUIRE(unpack_below(temp.path() / "out", test::pieces_of(*read_whole_file(tar), size), 1 << 20));
    CHECK(read_whole_file(temp.path() / "out" / "a") == std::string(3000, 'a'));
    CHECK(read_whole_file(temp.path() / "out" / "b" / "c") == "c");
}
