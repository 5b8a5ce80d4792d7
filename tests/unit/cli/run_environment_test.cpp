#include "cli/run_environment.hpp"

#include "catch.hpp"
#include "core/whole_file.hpp"
#include "temp_directory.hpp"

using namespace sbx;
using namespace sbx::cli;

namespace {

std::optional<std::string> ours(std::string_view name)
{
    return name == "HERE" ? std::optional<std::string>("value") : std::nullopt;
}

}  // namespace

TEST_CASE("a name alone is passed on only where it is set here")
{
    CHECK(*read_variables({"HERE", "NOT_HERE"}, {}, ours) == Variables{{"HERE", "value"}});
}

TEST_CASE("a value may hold anything, and the last one counts")
{
    CHECK(*read_variables({"A=1", "A=b=c ü"}, {}, ours) == Variables{{"A", "b=c ü"}});
}

TEST_CASE("flags come after files")
{
    const test::TempDirectory temp;
    const std::string file = (temp.path() / "env").native();
    REQUIRE(write_whole_file(file, "# comment\n\nA=from file\r\nB=2\n"));
    CHECK(*read_variables({"A=from flag"}, {file}, ours) == Variables{{"B", "2"}, {"A", "from flag"}});
}

TEST_CASE("a bad line of a file is named by its number")
{
    const test::TempDirectory temp;
    const std::string file = (temp.path() / "env").native();
    REQUIRE(write_whole_file(file, "A=1\n2B=x\n"));
    const auto read = read_variables({}, {file}, ours);
    REQUIRE(!read);
    CHECK(read.error().message.starts_with(file + ":2:"));
}

TEST_CASE("too much is refused")
{
    CHECK(!read_variables({"A=" + std::string(70'000, 'x')}, {}, ours));
    std::vector<std::string> many;
    for (int i = 0; i < 129; ++i) many.push_back("V" + std::to_string(i) + "=1");
    CHECK(!read_variables(many, {}, ours));
}
