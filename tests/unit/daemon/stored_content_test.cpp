#include "daemon/interpreter/stored_content.hpp"

#include "catch.hpp"
#include "temp_directory.hpp"

#include <fstream>

using namespace sbx::daemon;
using sbx::Errc;
namespace fs = std::filesystem;

namespace {

std::string text_of(const fs::path& path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void write(const fs::path& path, std::string_view text)
{
    std::ofstream(path, std::ios::binary) << text;
}

std::size_t entries(const fs::path& directory)
{
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), {}));
}

}  // namespace

TEST_CASE("a content has its name when all of it is there")
{
    const test::TempDirectory directory;
    const fs::path place = directory.path() / "one";
    auto writer = ContentWriter::create(place);
    REQUIRE(writer);
    REQUIRE(writer->write("ab"));
    REQUIRE(writer->write(std::string_view("\0c", 2)));
    CHECK_FALSE(fs::exists(place));
    const auto facts = writer->finish();
    REQUIRE(facts);
    CHECK(facts->bytes == 4);
    CHECK(facts->digest == *digest_of_file(place));
    CHECK(text_of(place) == std::string("ab\0c", 4));
    CHECK(entries(directory.path()) == 1);
}

TEST_CASE("a content that is not finished leaves nothing")
{
    const test::TempDirectory directory;
    {
        auto writer = ContentWriter::create(directory.path() / "one");
        REQUIRE(writer);
        REQUIRE(writer->write("abc"));
    }
    CHECK(entries(directory.path()) == 0);
    CHECK(ContentWriter::create(directory.path() / "no" / "one").error().code == Errc::not_found);
}

TEST_CASE("a file is taken over with its content; a link is not")
{
    const test::TempDirectory directory;
    write(directory.path() / "a", "abc");
    const auto facts = adopt_content(directory.path() / "a", directory.path() / "b");
    REQUIRE(facts);
    CHECK(facts->bytes == 3);
    // SHA-256 of "abc", FIPS 180-2, appendix B.1
    CHECK(facts->digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(text_of(directory.path() / "b") == "abc");
    CHECK_FALSE(fs::exists(directory.path() / "a"));
    fs::create_symlink("/etc/passwd", directory.path() / "link");
    CHECK(adopt_content(directory.path() / "link", directory.path() / "c").error().code == Errc::not_found);
    CHECK_FALSE(fs::exists(directory.path() / "c"));
}

TEST_CASE("a content is read in parts, and one that was cut shows it")
{
    const test::TempDirectory directory;
    write(directory.path() / "a", "abcdef");
    const auto reader = ContentReader::open(directory.path() / "a");
    REQUIRE(reader);
    CHECK(*reader->read(0, 6) == "abcdef");
    CHECK(*reader->read(2, 3) == "cde");
    CHECK(reader->read(0, 0)->empty());
    CHECK(reader->read(4, 3).error().code == Errc::unavailable);
    CHECK(ContentReader::open(directory.path() / "b").error().code == Errc::not_found);
}

TEST_CASE("a picture's size is that of its PNG")
{
    const std::string png("\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\x02\x80\0\0\x01\xE0", 24);
    const auto size = png_size(png);
    REQUIRE(size);
    CHECK(size->width == 640);
    CHECK(size->height == 480);
    CHECK_FALSE(png_size(png.substr(0, 23)));
    CHECK_FALSE(png_size("GIF89a" + png));
    CHECK_FALSE(png_size(""));
}
