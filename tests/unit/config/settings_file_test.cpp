#include "core/config/settings_file.hpp"
#include "catch.hpp"
#include "temp_directory.hpp"

#include <algorithm>

using sbx::Errc;
using sbx::FileValue;

TEST_CASE("a file's values come as text with their lines")
{
    auto values = sbx::parse_settings("pull = 'never'\n[limits]\nmemory = \"1g\"\ncpus = 1.5\npids = 64\n", "x");
    REQUIRE(values);
    std::ranges::sort(*values, {}, &FileValue::line);
    CHECK(*values ==
          std::vector<FileValue>{
              {"pull", "never", 1}, {"limits.memory", "1g", 3}, {"limits.cpus", "1.5", 4}, {"limits.pids", "64", 5}});
}

TEST_CASE("a file that is not TOML is refused with its line")
{
    const auto values = sbx::parse_settings("a = 1\nb = = 2\n", "config.toml");
    REQUIRE_FALSE(values);
    CHECK(values.error().code == Errc::invalid_argument);
    CHECK(values.error().message.starts_with("config.toml:2: "));
}

TEST_CASE("a list is no value, but for the one setting that is a list")
{
    const auto ranges = sbx::parse_settings("[egress]\npermit = ['x', 'y']\n", "config.toml");
    REQUIRE(ranges);
    CHECK(ranges->front().text == "x, y");
    const auto wrong = GENERATE("a = [1, 2]\n", "egress.permit = [['x']]\n");
    const auto values = sbx::parse_settings(wrong, "config.toml");
    REQUIRE_FALSE(values);
    CHECK(values.error().message.ends_with(": not a text or a number"));
}

TEST_CASE("changing a value leaves everything else as it was")
{
    CHECK(sbx::with_setting("# mine\n[limits]\nmemory = '1g#'  # big\npids = 5\n", "limits.memory", "\"2g\"") ==
          "# mine\n[limits]\nmemory = \"2g\"  # big\npids = 5\n");
}

TEST_CASE("a new value goes to its table")
{
    const auto [before, key, after] = GENERATE(table<std::string, std::string, std::string>({
        {"", "pull", "pull = 1\n"},
        {"", "limits.pids", "[limits]\npids = 1\n"},
        {"[limits]\nmemory = 2\n\n[images]\nx = 3\n", "limits.pids",
         "[limits]\nmemory = 2\npids = 1\n\n[images]\nx = 3\n"},
        {"[limits]\nmemory = 2\n", "pull", "pull = 1\n[limits]\nmemory = 2\n"},
        {"registry = 2\n[limits]\n", "pull", "registry = 2\npull = 1\n[limits]\n"},
        {"pull = 2\n", "docker.host", "pull = 2\n\n[docker]\nhost = 1\n"},
    }));
    CHECK(sbx::with_setting(before, key, "1") == after);
}

TEST_CASE("a name in another table is another setting")
{
    CHECK(sbx::with_setting("[images]\nmemory = 2\n[limits]\n", "limits.memory", "1") ==
          "[images]\nmemory = 2\n[limits]\nmemory = 1\n");
}

TEST_CASE("any text survives as a TOML string")
{
    const std::string text = "a\"b\\c\n\x01 é";
    const auto values = sbx::parse_settings("x = " + sbx::toml_string(text) + "\n", "x");
    REQUIRE(values);
    CHECK(values->front().text == text);
}

TEST_CASE("a directory is no settings file")
{
    const test::TempDirectory temp;
    CHECK(sbx::read_settings_file(temp.path()).error().code == Errc::permission_denied);
    CHECK(sbx::read_settings_file(temp.path() / "none").error().code == Errc::not_found);
}
