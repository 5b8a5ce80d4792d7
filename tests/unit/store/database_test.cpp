#include "core/store/database.hpp"

#include "core/store/execution_log.hpp"

#include "scratch.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <thread>

using sbx::Database;
using sbx::Errc;
using sbx::StoreHealth;

namespace {

constexpr std::string_view insert_fact = "INSERT INTO facts (name, value) VALUES (?, ?)";
constexpr std::string_view count_facts = "SELECT count(*) FROM facts";

}  // namespace

TEST_CASE("values come back as they were bound")
{
    test::ScratchStore scratch;
    auto statement = scratch.database.prepare("SELECT ?, ?, ?, ?, ?");
    REQUIRE(statement);
    const std::string bytes("a\0b", 3);
    const std::optional<std::string> none;
    statement->bind(std::int64_t{-5}, bytes, std::string_view(), none, std::chrono::milliseconds(7));
    REQUIRE(*statement->step());
    CHECK(statement->integer(0) == -5);
    CHECK(statement->text(1) == bytes);
    CHECK_FALSE(statement->is_null(2));
    CHECK(statement->optional_text(3) == std::nullopt);
    CHECK(statement->optional_integer(3) == std::nullopt);
    CHECK(statement->time(4) == std::chrono::milliseconds(7));
    CHECK_FALSE(*statement->step());
}

TEST_CASE("a transaction that fails or throws leaves nothing")
{
    test::ScratchStore scratch;
    Database& database = scratch.database;
    const auto add = [&](const std::string& name) -> sbx::Result<void> {
        const auto done = database.execute(insert_fact, name, std::string("x"));
        if (!done) return done.error();
        return {};
    };
    const auto failing = [&]() -> sbx::Result<void> {
        if (const auto done = add("a"); !done) return done.error();
        return sbx::Error(Errc::not_found, "no");
    };
    CHECK(database.transaction(failing).error().code == Errc::not_found);
    const auto throwing = [&]() -> sbx::Result<void> {
        if (const auto done = add("a"); !done) return done.error();
        throw std::runtime_error("no");
    };
    CHECK_THROWS(database.transaction(throwing));
    CHECK(*database.number(count_facts) == 0);
    REQUIRE(database.transaction([&] { return add("a"); }));
    CHECK(*database.number(count_facts) == 1);
    CHECK(add("a").error().code == Errc::conflict);
    CHECK(database.execute("nonsense").error().code == Errc::internal);
    CHECK(database.health() == StoreHealth::good);
}

TEST_CASE("a full store says so, keeps what it has, and takes more once there is room")
{
    test::ScratchStore scratch;
    Database database = scratch.open(std::uint64_t{512} << 10);
    const std::string text(10'000, 'x');
    int stored = 0;
    sbx::Result<std::int64_t> done(0);
    while (stored < 1000 && done) {
        done = database.execute(insert_fact, std::to_string(stored), text);
        if (done) ++stored;
    }
    REQUIRE_FALSE(done);
    CHECK(done.error().code == Errc::unavailable);
    CHECK(done.error().hint == "df -h");
    CHECK(database.health() == StoreHealth::full);
    CHECK(*database.number(count_facts) == stored);
    CHECK(database.health() == StoreHealth::full);  // reading is no proof
    REQUIRE(database.execute("DELETE FROM facts WHERE name = '0'"));
    CHECK(database.health() == StoreHealth::good);
    CHECK(database.execute(insert_fact, std::string("again"), std::string("x")));
}

TEST_CASE("a transaction on a full store is undone as a whole")
{
    test::ScratchStore scratch;
    Database database = scratch.open(std::uint64_t{512} << 10);
    const std::string text(10'000, 'x');
    const auto work = [&]() -> sbx::Result<void> {
        for (int n = 0; n < 1000; ++n)
            if (const auto done = database.execute(insert_fact, std::to_string(n), text); !done) return done.error();
        return {};
    };
    CHECK(database.transaction(work).error().code == Errc::unavailable);
    CHECK(*database.number(count_facts) == 0);
}

TEST_CASE("two connections that write at once lose nothing")
{
    test::ScratchStore scratch;
    constexpr int rows = 300;
    const auto write = [&scratch](const std::string& who, int& failed) {
        auto file = sbx::open_store_file(scratch.path, sbx::Unsound::refuse, 0);
        for (int n = 0; n < rows; ++n) {
            const auto one = [&]() -> sbx::Result<void> {
                const auto done = file->database.execute(insert_fact, fmt::format("{}{}", who, n), std::string("x"));
                if (!done) return done.error();
                return {};
            };
            if (!file->database.transaction(one)) ++failed;
        }
    };
    int one_failed = 0;
    int other_failed = 0;
    std::thread one([&] { write("a", one_failed); });
    std::thread other([&] { write("b", other_failed); });
    one.join();
    other.join();
    CHECK(one_failed + other_failed == 0);
    CHECK(*scratch.database.number(count_facts) == 2 * rows);
}

TEST_CASE("a reader sees the state of its beginning while another writes")
{
    test::ScratchStore scratch;
    Database reader = scratch.open(0);
    for (int n = 0; n < 3; ++n) REQUIRE(scratch.database.execute(insert_fact, std::to_string(n), std::string("x")));
    const auto before = reader.data_version();
    {
        auto statement = reader.prepare("SELECT name FROM facts");
        REQUIRE(*statement->step());
        REQUIRE(scratch.database.execute("DELETE FROM facts"));
        CHECK(*statement->step());
        CHECK(*statement->step());
        CHECK_FALSE(*statement->step());
    }
    CHECK(*reader.number(count_facts) == 0);
    CHECK(*reader.data_version() != *before);
}

TEST_CASE("a damaged page is told as such")
{
    test::ScratchStore scratch;
    for (int n = 0; n < 500; ++n)
        REQUIRE(scratch.database.execute(insert_fact, std::to_string(n), std::string(500, 'x')));
    REQUIRE(scratch.database.execute_script("PRAGMA wal_checkpoint(TRUNCATE)"));
    std::filesystem::resize_file(scratch.path, std::filesystem::file_size(scratch.path) / 2);
    auto opened = Database::open(scratch.path);
    REQUIRE(opened);
    Database& database = *opened;
    const auto read = database.number("SELECT sum(length(value)) FROM facts");
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Errc::unavailable);
    CHECK(database.health() == StoreHealth::damaged);
}

TEST_CASE("a file that is not there is not opened")
{
    const test::TempDirectory directory;
    const auto database = Database::open(directory.path() / "none");
    REQUIRE_FALSE(database);
    CHECK(database.error().code == Errc::unavailable);
}
