#include "core/batch/check.hpp"

#include "catch.hpp"

using namespace sbx;
using namespace sbx::batch;

namespace {

std::string differ(const std::string& check, std::string_view expected, std::string_view actual)
{
    const Result<Check> parsed = parse_check(check);
    REQUIRE(parsed);
    return difference(*parsed, expected, actual).value_or("");
}

}  // namespace

TEST_CASE("exact: the first difference is told by its line")
{
    const auto [expected, actual, words] = GENERATE(table<std::string, std::string, std::string>({
        {"a\n", "a\n", ""},
        {"", "", ""},
        {"a\nb\n", "a\nc\n", "line 2: expected 'b', got 'c'"},
        {"a\nb\n", "a\n", "line 2: expected 'b', got the end"},
        {"a\n", "a\nb\n", "line 2: expected the end, got 'b'"},
        {"a\n", "a", "line 1: the line break at its end is missing"},
        {"a", "a\n", "line 1: a line break too many"},
        {"a", "a\r\n", "line 1: expected 'a', got 'a\\x0d'"},
        {"", "x", "line 1: expected the end, got 'x'"},
        {"\xff", "ü", "line 1: expected '\\xff', got '\\xc3\\xbc'"},
    }));
    CHECK(differ("exact", expected, actual) == words);
}

TEST_CASE("exact: of a long line what is around the difference")
{
    const std::string same(100, 'x');
    CHECK(differ("exact", same + "a", same + "b") ==
          "line 1, column 81: expected '" + std::string(20, 'x') + "a', got '" + std::string(20, 'x') + "b'");
}

TEST_CASE("tokens: white space does not count, everything else does")
{
    CHECK(differ("tokens", "a b\nc", " a\tb  c\n\n").empty());
    CHECK(differ("tokens", "a b", "a c") == "word 2: expected 'b', got 'c'");
    CHECK(differ("tokens", "a", "a b") == "word 2: expected the end, got 'b'");
    CHECK(differ("tokens", "1.0", "1") == "word 1: expected '1.0', got '1'");
}

TEST_CASE("floats: numbers may differ, absolutely or relatively")
{
    CHECK(differ("floats:0.01", "0.5 x", "0.509 x").empty());
    CHECK(differ("floats:0.01", "1000", "1009").empty());
    CHECK_FALSE(differ("floats:0.01", "1000", "1011").empty());
    CHECK_FALSE(differ("floats:0.01", "0.5", "0.511").empty());
    CHECK(differ("floats", "1e3 +5 nan inf", "1000.0000001 5.0 NaN inf").empty());
    CHECK_FALSE(differ("floats", "inf", "-inf").empty());
    CHECK_FALSE(differ("floats", "nan", "1").empty());
    CHECK_FALSE(differ("floats:0", "1", "1.0000001").empty());
    CHECK_FALSE(differ("floats", "abc", "abd").empty());
}

TEST_CASE("a check is written in one word")
{
    CHECK(parse_check("program:check.py")->program->file == "check.py");
    CHECK(parse_check("floats:1e-9")->tolerance == 1e-9);
    for (const char* wrong : {"", "near", "floats:", "floats:-1", "floats:x", "floats:inf", "program:", "tokens:1"})
        CHECK(parse_check(wrong).error().code == Errc::invalid_argument);
}
