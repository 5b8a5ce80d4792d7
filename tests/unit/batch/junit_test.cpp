#include "core/batch/junit.hpp"

#include "catch.hpp"
#include "core/whole_file.hpp"
#include "temp_directory.hpp"

using namespace sbx;
using namespace sbx::batch;

TEST_CASE("XML holds what it may hold, and a mark for the rest")
{
    CHECK(xml_text("a<b>&\"c\"\t\n") == "a&lt;b&gt;&amp;&quot;c&quot;\t\n");
    CHECK(xml_text("ü€😀") == "ü€😀");
    CHECK(xml_text("\r") == "&#13;");
    const std::string mark = "\xef\xbf\xbd";
    CHECK(xml_text(std::string("\0\x1b", 2)) == mark + mark);
    CHECK(xml_text("\xff"
                   "a"
                   "\xc3") == mark + "a" + mark);
    CHECK(xml_text("\xef\xbf\xbe"
                   "x"
                   "\xef\xbf\xbf") == mark + "x" + mark);
    CHECK(xml_text("\xed\xa0\x80") == mark + mark + mark);  // a surrogate
}

TEST_CASE("a report takes its place whole, and one that is given up leaves nothing")
{
    const test::TempDirectory temp;
    const auto path = temp.path() / "report.xml";
    {
        Result<Junit> junit = Junit::open(path, "given up");
        REQUIRE(junit);
        CHECK_FALSE(std::filesystem::exists(path));
    }
    CHECK(std::filesystem::is_empty(temp.path()));
    Result<Junit> junit = Junit::open(path, "jobs\".jsonl");
    REQUIRE(junit);
    REQUIRE(junit->add({.id = "a\nb", .state = Outcome::State::failed, .why = "<x>", .seconds = 1.5, .output = "o"}));
    REQUIRE(junit->add({.id = "c", .state = Outcome::State::error}));
    REQUIRE(junit->finish(std::chrono::seconds(2)));
    const std::string text = read_whole_file(path).value_or("");
    CHECK_THAT(text,
               Catch::Contains(R"(<testsuite name="jobs&quot;.jsonl" tests="2" failures="1" errors="1" time="2.000")"));
    CHECK_THAT(text, Catch::Contains(R"(<testcase name="a&#10;b" classname="jobs&quot;.jsonl" time="1.500">)"));
    CHECK_THAT(text, Catch::Contains(R"(<failure message="&lt;x&gt;"/>)"));
    CHECK_THAT(text, Catch::Contains("<system-out>o</system-out>"));
}

TEST_CASE("a report never takes the place of a device or a directory")
{
    const test::TempDirectory temp;
    CHECK(Junit::open("/dev/null", "x").error().code == Errc::invalid_argument);
    CHECK(Junit::open(temp.path(), "x").error().code == Errc::invalid_argument);
    CHECK(Junit::open(temp.path() / "missing" / "x.xml", "x").error().code == Errc::invalid_argument);
}
