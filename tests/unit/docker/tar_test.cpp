#include "core/docker/tar.hpp"

#include "catch.hpp"

using sbx::docker::read_tar;
using sbx::docker::TarEntry;
using sbx::docker::write_tar;

TEST_CASE("what is written to a tar is read from it")
{
    std::vector<TarEntry> entries(4);
    entries[0].path = "agent";
    entries[0].bytes = std::string(
        "\x7f"
        "ELF\0\1",
        6);
    entries[0].mode = 0755;
    entries[1].path = std::string(150, 'd') + "/" + std::string(150, 'n');
    entries[1].bytes = std::string(100'000, 'x');
    entries[2].path = "link";
    entries[2].link_to = "agent";
    entries[2].mode = 0755;
    entries[3].path = "work";
    entries[3].link_to = "/home/user";
    entries[3].is_symbolic = true;
    entries[3].is_file = false;
    const auto tar = write_tar(entries);
    REQUIRE(tar);
    CHECK(tar->compare(257, 5, "ustar") == 0);
    const auto read = read_tar(*tar, 1 << 20);
    REQUIRE(read);
    CHECK(*read == entries);
}

TEST_CASE("a tar larger than allowed, cut or of something else is refused")
{
    std::vector<TarEntry> entries(1);
    entries[0].path = "a";
    entries[0].bytes = std::string(1000, 'x');
    const auto tar = write_tar(entries);
    REQUIRE(tar);
    CHECK(read_tar(*tar, 999).error().code == sbx::Errc::too_large);
    CHECK_FALSE(read_tar(tar->substr(0, 700), 1 << 20));
    CHECK_FALSE(read_tar("no tar at all", 1 << 20));
}
