#include "cli/kernel_files.hpp"

#include "catch.hpp"
#include "core/whole_file.hpp"
#include "temp_directory.hpp"

#include <nlohmann/json.hpp>

using nlohmann::ordered_json;

TEST_CASE("values that are no text become numbered files")
{
    const test::TempDirectory directory;
    const std::filesystem::path into = directory.path() / "new";
    const ordered_json data = {
        {"text/plain", "a"}, {"image/png", "AAEC"}, {"image/svg+xml", "<svg/>"}, {"application/json", {{"b", 1}}}};
    const auto saved = sbx::cli::save_values(data, into);
    REQUIRE(saved);
    CHECK(saved->files == std::vector<std::filesystem::path>{into / "1.png", into / "1.svg", into / "1.json"});
    CHECK(saved->warnings.empty());
    REQUIRE(sbx::cli::save_values(data, into));
    CHECK(sbx::read_whole_file(into / "1.png") == std::string("\0\1\2", 3));
    CHECK(sbx::read_whole_file(into / "2.png") == std::string("\0\1\2", 3));
    CHECK(sbx::read_whole_file(into / "1.svg") == "<svg/>");
    CHECK(sbx::read_whole_file(into / "1.json") == R"({"b":1})");
    CHECK_FALSE(std::filesystem::exists(into / "1.bin"));
}

TEST_CASE("base64 may be broken into lines")
{
    CHECK(sbx::cli::content_of("image/png", "AA\nEC\r\n") == std::string("\0\1\2", 3));
    CHECK_FALSE(sbx::cli::content_of("image/png", "AA EC"));
}

TEST_CASE("what should be bytes and is not is left out, with a warning")
{
    const test::TempDirectory directory;
    const auto saved = sbx::cli::save_values({{"image/png", "no base64"}}, directory.path() / "new");
    REQUIRE(saved);
    CHECK(saved->files.empty());
    CHECK(saved->warnings.size() == 1);
    CHECK_FALSE(std::filesystem::exists(directory.path() / "new"));
}
