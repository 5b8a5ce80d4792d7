#include "catch.hpp"
#include "cli/completion_list.hpp"
#include "cli/history_file.hpp"
#include "cli/inline_pictures.hpp"
#include "core/whole_file.hpp"
#include "temp_directory.hpp"

#include <map>
#include <string>
#include <vector>

using namespace sbx::cli;
using Words = std::vector<std::string>;

namespace {

PictureProtocol protocol_for(std::map<std::string, std::string> variables)
{
    return picture_protocol([variables = std::move(variables)](std::string_view name) {
        const auto found = variables.find(std::string(name));
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    });
}

}  // namespace

TEST_CASE("what completions have in common ends with a whole character")
{
    CHECK(common_beginning({"alpha", "alps"}) == "alp");
    CHECK(common_beginning({"é", "è"}).empty());
    CHECK(common_beginning({"one"}) == "one");
    CHECK(common_beginning({}).empty());
}

TEST_CASE("completions stand in columns, read downwards")
{
    CHECK(in_columns({"a", "bb", "é"}, 8) == "a   é\nbb\n");
    CHECK(in_columns({"longer than", "the screen"}, 8) == "longer than\nthe screen\n");
}

TEST_CASE("a terminal says in the environment how it takes pictures")
{
    CHECK(protocol_for({{"TERM", "xterm-kitty"}}) == PictureProtocol::kitty);
    CHECK(protocol_for({{"TERM_PROGRAM", "WezTerm"}}) == PictureProtocol::iterm2);
    CHECK(protocol_for({{"TERM", "xterm-256color"}}) == PictureProtocol::unknown);
    CHECK(protocol_for({{"TERM", "screen"}, {"TERM_PROGRAM", "iTerm.app"}}) == PictureProtocol::unknown);
    CHECK(protocol_for({{"TERM", "dumb"}}) == PictureProtocol::none);
}

TEST_CASE("a picture is drawn as base64 in pieces")
{
    const std::string bytes(4000, '\x1b');
    const std::string drawn = drawing_of(PictureProtocol::kitty, "image/png", bytes).value();
    CHECK(drawn.starts_with("\x1b_Gf=100,a=T,m=1;"));
    CHECK(drawn.find("\x1b\\\x1b_Gm=0;") != std::string::npos);
    CHECK(drawn.ends_with("\x1b\\\n"));
    CHECK_FALSE(drawing_of(PictureProtocol::kitty, "image/jpeg", bytes));
    CHECK(drawing_of(PictureProtocol::iterm2, "image/jpeg", "abc") == "\x1b]1337;File=inline=1;size=3:YWJj\x07\n");
    CHECK_FALSE(drawing_of(PictureProtocol::none, "image/png", bytes));
}

TEST_CASE("a history keeps its last thousand lines")
{
    const test::TempDirectory directory;
    const HistoryFile history(directory.path() / "new" / "python");
    CHECK(history.lines().empty());
    for (int i = 0; i < 2001; ++i) history.add(std::to_string(i));
    const Words lines = history.lines();
    REQUIRE(lines.size() == 1000);
    CHECK(lines.back() == "2000");
    CHECK(sbx::read_whole_file(directory.path() / "new" / "python")->starts_with("1001\n"));
    HistoryFile("").add("lost");
    CHECK(HistoryFile("").lines().empty());
}
