#include "core/store/store_file.hpp"

#include "core/config/directories.hpp"
#include "core/store/key_table.hpp"

#include "scratch.hpp"

#include <sys/stat.h>

#include <fstream>

using sbx::Database;
using sbx::Errc;
using sbx::KeyTable;
using sbx::Unsound;

namespace fs = std::filesystem;

namespace {

unsigned mode_of(const fs::path& path)
{
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 0777;
}

/// A store with keys in it, closed.
fs::path make_store(const fs::path& state)
{
    const fs::path path = sbx::store_path(state);
    auto file = sbx::open_store_file(path, Unsound::refuse, 0);
    REQUIRE(file);
    for (int n = 0; n < 200; ++n) REQUIRE(KeyTable(file->database).create("", {}, std::chrono::milliseconds(n)));
    return path;
}

void check_is_set_aside(const fs::path& path)
{
    const auto refused = sbx::open_store_file(path, Unsound::refuse, 0);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::unavailable);
    auto file = sbx::open_store_file(path, Unsound::set_aside, 0);
    REQUIRE(file);
    REQUIRE(file->set_aside);
    CHECK(fs::exists(*file->set_aside));
    CHECK(file->set_aside->filename().string().starts_with("store.db.damaged-"));
    CHECK(KeyTable(file->database).list()->empty());
    // Nobody knows which keys there were: without one there is no way in.
    CHECK(*KeyTable(file->database).are_required());
    const auto again = sbx::open_store_file(path, Unsound::set_aside, 0);
    REQUIRE(again);
    CHECK_FALSE(again->set_aside);
}

}  // namespace

TEST_CASE("a new store is nobody else's to read")
{
    const test::TempDirectory state;
    const fs::path path = sbx::store_path(state.path());
    auto file = sbx::open_store_file(path, Unsound::set_aside, 0);
    REQUIRE(file);
    REQUIRE(KeyTable(file->database).create("", {}, std::chrono::milliseconds(1)));
    CHECK(mode_of(path.parent_path()) == 0700);
    CHECK(mode_of(path) == 0600);
    CHECK(mode_of(path.native() + "-wal") == 0600);
    CHECK(mode_of(path.native() + "-shm") == 0600);
    CHECK(std::distance(fs::directory_iterator(path.parent_path()), {}) == 3);
    CHECK(*file->database.number("PRAGMA synchronous") == 1);
    CHECK(*file->database.number("PRAGMA foreign_keys") == 1);
    auto mode = file->database.prepare("PRAGMA journal_mode");
    REQUIRE(*mode->step());
    CHECK(mode->text(0) == "wal");
}

TEST_CASE("a store that others can read is refused")
{
    const test::TempDirectory state;
    const fs::path path = make_store(state.path());
    const auto open = GENERATE(fs::perms::group_read, fs::perms::others_read, fs::perms::others_write);
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write | open);
    const auto refused = sbx::open_store_file(path, Unsound::set_aside, 0);
    REQUIRE_FALSE(refused);
    CHECK(refused.error() ==
          sbx::Error(Errc::permission_denied, path.string() + ": open to other users", "chmod 600 " + path.string()));
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    fs::permissions(path.parent_path(), fs::perms::owner_all | open);
    CHECK(sbx::open_store_file(path, Unsound::set_aside, 0).error().code == Errc::permission_denied);
}

TEST_CASE("a link in the store's place is refused")
{
    const test::TempDirectory state;
    const test::TempDirectory other;
    const fs::path elsewhere = make_store(other.path());
    const fs::path path = sbx::store_path(state.path());
    REQUIRE(sbx::make_private_directory(path.parent_path()));
    fs::create_symlink(elsewhere, path);
    CHECK(sbx::open_store_file(path, Unsound::set_aside, 0).error().code == Errc::permission_denied);
}

TEST_CASE("a torn store is set aside")
{
    const test::TempDirectory state;
    const fs::path path = make_store(state.path());
    const auto kept = GENERATE(0u, 50u, 4096u, 10'000u, 40'000u);
    REQUIRE(fs::file_size(path) > 40'000u);
    fs::resize_file(path, kept);
    check_is_set_aside(path);
}

TEST_CASE("a store with foreign bytes in it is set aside")
{
    const test::TempDirectory state;
    const fs::path path = make_store(state.path());
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    const std::string garbage(3 * 4096, 'x');
    file.seekp(2 * 4096);
    file << garbage;
    file.close();
    auto opened = sbx::open_store_file(path, Unsound::set_aside, 0);
    REQUIRE(opened);
    CHECK(opened->set_aside);
}

TEST_CASE("a file that is no store is set aside")
{
    const test::TempDirectory state;
    const fs::path path = sbx::store_path(state.path());
    REQUIRE(sbx::make_private_directory(path.parent_path()));
    std::ofstream(path) << "[some]\nfile = of another program, longer than the header of a database would ever be\n";
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    check_is_set_aside(path);
}

TEST_CASE("another program's database is set aside as it was")
{
    const test::TempDirectory state;
    const fs::path path = sbx::store_path(state.path());
    REQUIRE(sbx::make_private_directory(path.parent_path()));
    std::ofstream(path).flush();
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    REQUIRE(Database::open(path)->execute_script("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (42)"));
    auto file = sbx::open_store_file(path, Unsound::set_aside, 0);
    REQUIRE(file);
    REQUIRE(file->set_aside);
    CHECK(*Database::open(*file->set_aside)->number("SELECT x FROM theirs") == 42);
}

TEST_CASE("two damaged files of one second both stay")
{
    const test::TempDirectory state;
    const fs::path path = make_store(state.path());
    for (int n = 0; n < 3; ++n) {
        fs::resize_file(path, 100);
        REQUIRE(sbx::open_store_file(path, Unsound::set_aside, 0)->set_aside);
    }
    int damaged = 0;
    for (const auto& entry : fs::directory_iterator(path.parent_path()))
        if (entry.path().filename().string().starts_with("store.db.damaged-")) ++damaged;
    CHECK(damaged == 3);
}

TEST_CASE("a store is read while somebody writes it, and nothing is made by that")
{
    const test::TempDirectory state;
    const fs::path path = sbx::store_path(state.path());
    const auto none = sbx::open_store_to_read(path);
    REQUIRE(none);
    CHECK_FALSE(none->has_value());
    CHECK_FALSE(fs::exists(path.parent_path()));
    auto writer = sbx::open_store_file(path, Unsound::refuse, 0);
    REQUIRE(writer);
    auto reader = sbx::open_store_to_read(path);
    REQUIRE(reader);
    REQUIRE(reader->has_value());
    REQUIRE(KeyTable(writer->database).create("one", {}, std::chrono::milliseconds(1)));
    CHECK(KeyTable(**reader).list()->size() == 1);
    CHECK_FALSE(KeyTable(**reader).create("two", {}, std::chrono::milliseconds(1)));
}

TEST_CASE("a store of another version is not read")
{
    const test::TempDirectory state;
    const fs::path path = make_store(state.path());
    {
        auto database = Database::open(path);
        REQUIRE(database);
        REQUIRE(database->execute_script("PRAGMA user_version = 99"));
    }
    const auto refused = sbx::open_store_to_read(path);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::conflict);
}
