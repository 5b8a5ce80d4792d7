#include "core/batch/earlier_results.hpp"

#include "catch.hpp"
#include "core/whole_file.hpp"
#include "temp_directory.hpp"

#include <vector>

using namespace sbx;
using namespace sbx::batch;

namespace {

const std::string first = R"({"id": "a", "passed": true})"
                          "\n";
const std::string second = R"({"id": 2, "passed": null, "phase": "run", "reason": "exited"})"
                           "\n";

}  // namespace

TEST_CASE("whole lines count, and what is torn is to be written over")
{
    const test::TempDirectory temp;
    const auto [torn] =
        GENERATE(table<std::string>({{""}, {"{\"id\": \"b\", \"pas"}, {R"({"id": "b", "passed": true})"}}));
    REQUIRE(write_whole_file(temp.path() / "results", first + second + torn));
    std::vector<std::string> ids;
    const auto whole = read_earlier_results(temp.path() / "results", [&](const Outcome& o) { ids.push_back(o.id); });
    REQUIRE(whole);
    CHECK(*whole == first.size() + second.size());
    CHECK(ids == std::vector<std::string>{"a", "2"});
}

TEST_CASE("no file is no results, and other files are left alone")
{
    const test::TempDirectory temp;
    const auto ignore = [](const Outcome&) {};
    CHECK(*read_earlier_results(temp.path() / "none", ignore) == 0);
    REQUIRE(write_whole_file(temp.path() / "other", first + "a letter\n"));
    CHECK(read_earlier_results(temp.path() / "other", ignore).error().code == Errc::conflict);
    CHECK(read_earlier_results(temp.path(), ignore).error().code == Errc::conflict);
    CHECK(read_earlier_results("/dev/zero", ignore).error().code == Errc::conflict);
}
