#include "core/sandbox/unpacking.hpp"

#include "catch.hpp"
#include "core/sandbox/input_archive.hpp"
#include "core/whole_file.hpp"
#include "temp_directory.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

using namespace sbx;

namespace {

std::string archive_of(const std::string& content)
{
    std::vector<InputFile> files(1);
    files.front().target = "/work/file";
    files.front().content = content;
    Result<InputArchive> archive = InputArchive::open(files, "/work", Limits{});
    REQUIRE(archive);
    std::string tar;
    while (*archive->read(tar)) {
    }
    return tar;
}

/// An unpacking, and the loop that it tells of its progress.
struct Unpacks {
    explicit Unpacks(const std::filesystem::path& directory) : unpacking(link, directory, 64 << 20) {}

    void give(std::string_view bytes) { unpacking.on_data(wire::Channel::input, bytes); }
    Result<Unpacked> finish()
    {
        while (!unpacking.result()) io.run_one();
        return *unpacking.result();
    }

    asio::io_context io{1};
    asio::executor_work_guard<asio::io_context::executor_type> busy{io.get_executor()};
    AgentLink link{io.get_executor()};
    Unpacking unpacking;
};

}  // namespace

TEST_CASE("an archive is unpacked while it comes, and what is written is told")
{
    const test::TempDirectory temp;
    const std::string content(3 << 20, 'x');
    const std::string tar = archive_of(content);
    Unpacks unpacks(temp.path());
    unpacks.give(std::string_view(tar).substr(0, 600'000));
    unpacks.io.run_one();
    CHECK(unpacks.unpacking.take_written() == 600'000);
    CHECK(unpacks.unpacking.is_starved());
    for (std::size_t at = 600'000; at < tar.size(); at += 100'000)
        unpacks.give(std::string_view(tar).substr(at, 100'000));
    unpacks.unpacking.end();
    const Result<Unpacked> unpacked = unpacks.finish();
    REQUIRE(unpacked);
    CHECK(unpacked->bytes == content.size());
    CHECK(read_whole_file(temp.path() / "file") == content);
}

TEST_CASE("an archive that is cut off is an error, and leaves no half a file")
{
    const test::TempDirectory temp;
    Unpacks unpacks(temp.path());
    unpacks.give(std::string_view(archive_of("content")).substr(0, 1024));
    unpacks.unpacking.end();
    CHECK(!unpacks.finish());
    CHECK(std::filesystem::is_empty(temp.path()));
}

TEST_CASE("an unpacking can be given up at any time")
{
    const test::TempDirectory temp;
    Unpacks unpacks(temp.path());
    unpacks.give(std::string_view(archive_of("content")).substr(0, 1024));
}
