#include "core/batch/lines.hpp"

#include "catch.hpp"

#include <vector>

using namespace sbx::batch;

namespace {

std::vector<Line> cut(const std::vector<std::string>& pieces, std::size_t longest = 100)
{
    LineCutter cutter(longest);
    std::vector<Line> lines;
    for (const std::string& piece : pieces) {
        cutter.add(piece);
        while (auto line = cutter.next()) lines.push_back(*line);
    }
    if (auto line = cutter.rest()) lines.push_back(*line);
    return lines;
}

}  // namespace

TEST_CASE("lines are the same however they come")
{
    const auto lines = cut({"\xef\xbb\xbf", "a\r", "\nb", "b\n\nrest"});
    REQUIRE(lines.size() == 4);
    CHECK((lines[0].text == "a" && lines[0].number == 1 && lines[0].end == 6));
    CHECK((lines[1].text == "bb" && lines[2].text.empty() && lines[2].end == 10));
    CHECK((lines[3].text == "rest" && !lines[3].is_whole && lines[3].number == 4));
    CHECK(cut({}).empty());
    CHECK(cut({"a\n"}).size() == 1);
}

TEST_CASE("of a line that is too long the text is dropped, and the next one is whole")
{
    const auto lines = cut({std::string(70, 'x'), std::string(70, 'x'), std::string(10, 'x'), "\nb\n"});
    REQUIRE(lines.size() == 2);
    CHECK((lines[0].is_too_long && lines[0].text.empty() && lines[0].end == 151));
    CHECK((lines[1].text == "b" && !lines[1].is_too_long && lines[1].number == 2 && lines[1].end == 153));
    CHECK(cut({std::string(150, 'x')}).at(0).is_too_long);
}
