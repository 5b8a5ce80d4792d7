#include "core/sandbox/input_archive.hpp"

#include "catch.hpp"
#include "core/whole_file.hpp"
#include "pieces.hpp"
#include "temp_directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

using namespace sbx;
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t limit = 64ULL << 20;

std::string whole(InputArchive& archive)
{
    std::string tar;
    for (;;) {
        const auto more = archive.read(tar);
        REQUIRE(more);
        if (!*more) return tar;
    }
}

/// Unpacks what the archive holds, so that it can be looked at.
void unpack(InputArchive& archive, const fs::path& directory)
{
    REQUIRE(unpack_below(directory, test::pieces_of(whole(archive), 1 << 20), limit));
}

}  // namespace

TEST_CASE("files and trees arrive with content, mode and time")
{
    const test::TempDirectory temp;
    const fs::path source = temp.path() / "in";
    fs::create_directories(source / "sub" / "empty");
    fs::create_directories(source / "node_modules");
    REQUIRE(write_whole_file(source / "ünï cödé.txt", "text", 0640));
    REQUIRE(write_whole_file(source / "sub" / "run.sh", "#!/bin/sh\n", 0755));
    REQUIRE(write_whole_file(source / "node_modules" / "x", "left out"));
    const std::vector<InputFile> files{{.target = "/work", .content = source},
                                       {.target = "/work/code.py", .content = std::string("print(1)\n")},
                                       {.target = "/tmp/elsewhere", .content = std::string("x")}};
    auto archive = InputArchive::open(files, "/work", Limits{});
    REQUIRE(archive);
    CHECK(archive->manifest().size() == 3);
    const fs::path out = temp.path() / "out";
    unpack(*archive, out);
    CHECK(read_whole_file(out / "ünï cödé.txt") == "text");
    CHECK(read_whole_file(out / "code.py") == "print(1)\n");
    CHECK(fs::is_directory(out / "sub" / "empty"));
    CHECK_FALSE(fs::exists(out / "node_modules"));
    CHECK_FALSE(fs::exists(out / "elsewhere"));
    struct stat in {};
    struct stat copied {};
    REQUIRE(::stat((source / "sub" / "run.sh").c_str(), &in) == 0);
    REQUIRE(::stat((out / "sub" / "run.sh").c_str(), &copied) == 0);
    CHECK((copied.st_mode & 0777U) == 0755U);
    CHECK(copied.st_mtim.tv_nsec == in.st_mtim.tv_nsec);
}

TEST_CASE("the whole of a directory is taken when that is asked for")
{
    const test::TempDirectory temp;
    REQUIRE(write_whole_file(temp.path() / ".git" / "HEAD", "ref"));
    const std::vector<InputFile> files{{.target = "/work", .content = temp.path(), .whole_directory = true}};
    const auto archive = InputArchive::open(files, "/work", Limits{});
    REQUIRE(archive);
    CHECK(archive->manifest().contains(".git/HEAD"));
}

TEST_CASE("a missing source is named before anything is created")
{
    const auto archive =
        InputArchive::open({{.target = "/work/x", .content = fs::path("/nowhere/x")}}, "/work", Limits{});
    REQUIRE(!archive);
    CHECK(archive.error() == Error(Errc::not_found, "no such file: /nowhere/x"));
}

TEST_CASE("what does not fit is refused with the flags that would do")
{
    const std::string bytes(3 << 20, 'x');
    const auto hint_for = [&](const std::string& root, std::uint64_t disk, std::uint64_t memory) {
        const auto archive = InputArchive::open({{.target = root + "/x", .content = bytes}}, root,
                                                Limits{.memory_bytes = memory, .disk_bytes = disk});
        REQUIRE(!archive);
        CHECK(archive.error().code == Errc::too_large);
        return archive.error().hint;
    };
    CHECK(hint_for("/work", 1 << 20, 512 << 20) == "--disk 4m");
    CHECK(hint_for("/work", 1 << 20, 6 << 20) == "--disk 4m --memory 8m");
    CHECK(hint_for("/tmp", 4 << 20, 512 << 20) == "--disk 8m");
}

TEST_CASE("nothing can be put below a file")
{
    const auto archive = InputArchive::open({{.target = "/work/a", .content = std::string("file")},
                                             {.target = "/work/a/b", .content = std::string("below")}},
                                            "/work", Limits{});
    REQUIRE(!archive);
    CHECK(archive.error().code == Errc::invalid_argument);
    CHECK(archive.error().message.find("/work/a/b") != std::string::npos);
}
