#include "core/store/migrations.hpp"

#include "scratch.hpp"

#include <fmt/format.h>

#include <fstream>

using sbx::Database;
using sbx::Errc;

namespace {

Database open_empty(const std::filesystem::path& path)
{
    std::ofstream(path, std::ios::app).flush();
    auto database = Database::open(path);
    REQUIRE(database);
    REQUIRE(database->configure(0));
    return std::move(*database);
}

std::string schema(Database& database)
{
    std::string all;
    auto statement = database.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name");
    REQUIRE(statement);
    while (*statement->step()) all += statement->text(0) + ";\n";
    return all;
}

}  // namespace

TEST_CASE("a store of any earlier version becomes like a new one, with what is in it")
{
    const test::TempDirectory directory;
    Database fresh = open_empty(directory.path() / "fresh");
    REQUIRE(migrate(fresh, sbx::store_migrations()));
    const std::size_t newest = sbx::store_migrations().size();
    for (std::size_t version = 0; version < newest; ++version) {
        Database old = open_empty(directory.path() / fmt::format("old{}", version));
        REQUIRE(migrate(old, sbx::store_migrations().first(version)));
        CHECK(*old.number("PRAGMA user_version") == static_cast<std::int64_t>(version));
        if (version > 0)
            REQUIRE(
                old.execute("INSERT INTO executions (id, owner, language, dialect, state, created, bytes, extra, "
                            "record) VALUES ('a', '', 'c', 'native', 'ended', 1, 1, '', '')"));
        REQUIRE(migrate(old, sbx::store_migrations()));
        CHECK(*old.number("PRAGMA user_version") == static_cast<std::int64_t>(newest));
        CHECK(schema(old) == schema(fresh));
        CHECK(*old.number("SELECT count(*) FROM executions") == (version > 0 ? 1 : 0));
    }
}

TEST_CASE("a step that fails undoes those before it")
{
    const test::TempDirectory directory;
    Database database = open_empty(directory.path() / "db");
    const std::array<std::string_view, 3> steps{"CREATE TABLE a (x)", "CREATE TABLE b (x)", "CREATE TABLE b (x)"};
    REQUIRE(migrate(database, std::span(steps).first(1)));
    CHECK_FALSE(migrate(database, steps));
    CHECK(*database.number("PRAGMA user_version") == 1);
    CHECK(schema(database) == "CREATE TABLE a (x);\n");
}

TEST_CASE("a store of a newer sbx is refused as it is")
{
    test::ScratchStore scratch;
    REQUIRE(scratch.database.execute_script("PRAGMA user_version = 1000"));
    const auto refused = sbx::open_store_file(scratch.path, sbx::Unsound::set_aside, 0);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::conflict);
    CHECK(refused.error().message.find("version 1000") != std::string::npos);
    CHECK(std::filesystem::exists(scratch.path));
    CHECK(*scratch.database.number("PRAGMA user_version") == 1000);
}
