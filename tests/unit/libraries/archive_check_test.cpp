#include "core/libraries/archive_check.hpp"

#include "core/whole_file.hpp"
#include "temp_directory.hpp"

#include "catch.hpp"

#include <archive.h>
#include <archive_entry.h>

using namespace sbx;

namespace {

/// The verdict on an archive with one entry.
Result<void> verdict(const std::string& path, unsigned type, const char* symlink = nullptr,
                     const char* hardlink = nullptr)
{
    const test::TempDirectory directory;
    const auto file = directory.path() / "x.tar";
    archive* writer = archive_write_new();
    archive_write_set_format_pax_restricted(writer);
    REQUIRE(archive_write_open_filename(writer, file.c_str()) == ARCHIVE_OK);
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, path.c_str());
    archive_entry_set_filetype(entry, type);
    archive_entry_set_perm(entry, 0644);
    if (symlink != nullptr) archive_entry_set_symlink(entry, symlink);
    if (hardlink != nullptr) archive_entry_set_hardlink(entry, hardlink);
    REQUIRE(archive_write_header(writer, entry) == ARCHIVE_OK);
    archive_entry_free(entry);
    archive_write_free(writer);
    return check_archive(file);
}

}  // namespace

TEST_CASE("files, folders and links are what libraries are made of")
{
    CHECK(verdict("lib/x.py", AE_IFREG));
    CHECK(verdict("lib", AE_IFDIR));
    CHECK(verdict("./bin/..x", AE_IFREG));
    CHECK(verdict("bin/python3", AE_IFLNK, "/usr/bin/python3"));
}

TEST_CASE("devices, pipes and places elsewhere are refused")
{
    CHECK(verdict("disk", AE_IFBLK).error().code == Errc::permission_denied);
    CHECK(verdict("tty", AE_IFCHR).error().code == Errc::permission_denied);
    CHECK(verdict("pipe", AE_IFIFO).error().code == Errc::permission_denied);
    CHECK(verdict("../x", AE_IFREG).error().code == Errc::permission_denied);
    CHECK(verdict("a/../../x", AE_IFREG).error().code == Errc::permission_denied);
    CHECK(verdict("/etc/x", AE_IFREG).error().code == Errc::permission_denied);
    CHECK(verdict("x", AE_IFREG, nullptr, "../../etc/shadow").error().code == Errc::permission_denied);
}

TEST_CASE("what is no archive is damaged")
{
    const test::TempDirectory directory;
    REQUIRE(write_whole_file(directory.path() / "x", std::string(2000, 'x')));
    CHECK(check_archive(directory.path() / "x").error().code == Errc::invalid_argument);
    CHECK(check_archive(directory.path() / "missing").error().code == Errc::invalid_argument);
}
