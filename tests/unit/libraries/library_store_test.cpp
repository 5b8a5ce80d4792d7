#include "core/libraries/library_store.hpp"
#include "core/libraries/bundle.hpp"

#include "core/whole_file.hpp"
#include "run_async.hpp"
#include "temp_directory.hpp"

#include "catch.hpp"

using namespace sbx;
using namespace std::chrono_literals;

namespace {

LibrarySet a_set(const std::string& key)
{
    LibrarySet set;
    set.key = key;
    set.language = "python";
    set.requirements = {"numpy"};
    set.volume = new_library_volume(key);
    set.volume_created = "2026-01-01T00:00:00Z";
    return set;
}

const std::string key_one(32, '1');
const std::string key_two(32, '2');

LibraryRequest request(std::vector<std::string> requirements)
{
    LibraryRequest wanted;
    wanted.index = *find_package_index(**find_language("python"));
    wanted.requirements = std::move(requirements);
    return wanted;
}

}  // namespace

TEST_CASE("a set's key depends on the image, the index and all that is asked")
{
    const std::string key = library_key(request({"a", "b"}), "sha256:1", "https://one");
    CHECK(is_library_key(key));
    CHECK(key == library_key(request({"a", "b"}), "sha256:1", "https://one"));
    CHECK(key != library_key(request({"a"}), "sha256:1", "https://one"));
    CHECK(key != library_key(request({"a", "b"}), "sha256:2", "https://one"));
    CHECK(key != library_key(request({"a", "b"}), "sha256:1", "https://two"));
    LibraryRequest with_file = request({"a", "b"});
    with_file.files.push_back({"pyproject.toml", "x"});
    CHECK(key != library_key(with_file, "sha256:1", "https://one"));
}

TEST_CASE("sets are remembered for each engine apart")
{
    const test::TempDirectory cache;
    const LibraryStore here(cache.path(), "unix:///one");
    const LibraryStore there(cache.path(), "unix:///two");
    REQUIRE(here.add(a_set(key_one)));
    CHECK(here.find(key_one)->requirements == std::vector<std::string>{"numpy"});
    CHECK(here.list().size() == 1);
    CHECK(there.list().empty());
    here.forget(*here.find(key_one));
    CHECK_FALSE(here.find(key_one));
}

TEST_CASE("a file that is torn or another's is no set")
{
    const test::TempDirectory cache;
    const LibraryStore store(cache.path(), "unix:///one");
    REQUIRE(store.add(a_set(key_one)));
    for (const auto& entry : std::filesystem::recursive_directory_iterator(cache.path()))
        if (entry.path().extension() == ".json") {
            const std::string text = *read_whole_file(entry.path());
            REQUIRE(write_whole_file(entry.path(), text.substr(0, text.size() / 2)));
            REQUIRE(write_whole_file(entry.path().parent_path() / (key_two + ".json"), text));
        }
    CHECK_FALSE(store.find(key_one));
    CHECK_FALSE(store.find(key_two));
    CHECK(store.list().empty());
}

TEST_CASE("only one installs a set at a time, and the others wait no longer than they may")
{
    const test::TempDirectory cache;
    const LibraryStore store(cache.path(), "unix:///one");
    const auto compete = [&]() -> boost::asio::awaitable<Result<std::vector<bool>>> {
        std::vector<bool> seen;
        {
            const Result<FileLock> first = co_await store.lock(key_one, 1s);
            seen = {first.has_value(), store.is_locked(key_one), store.is_locked(key_two)};
            const Result<FileLock> second = co_await store.lock(key_one, 50ms);
            seen.push_back(!second && second.error().code == Errc::deadline_exceeded);
        }
        const Result<FileLock> third = co_await store.lock(key_one, 1s);
        seen.push_back(third.has_value());
        co_return seen;
    };
    boost::asio::io_context context;
    CHECK(*test::run_async(context, compete()) == std::vector<bool>{true, true, false, true, true});
}

TEST_CASE("whose sets they are is told once and for all")
{
    const test::TempDirectory cache;
    const LibraryStore store(cache.path(), "unix:///one");
    const auto owner = store.owner();
    REQUIRE(owner);
    CHECK(*owner == *store.owner());
    CHECK(*owner != *LibraryStore(cache.path(), "unix:///two").owner());
}

TEST_CASE("without a cache directory nothing is remembered, and it is said why")
{
    const LibraryStore store("", "unix:///one");
    CHECK(store.list().empty());
    CHECK(store.add(a_set(key_one)).error().hint == "set HOME or XDG_CACHE_HOME");
}

TEST_CASE("a bundle brings back what was put in")
{
    const test::TempDirectory directory;
    const auto content = directory.path() / "content";
    const auto file = directory.path() / "bundle.tar";
    REQUIRE(write_whole_file(content, std::string(3'000'000, 'x')));
    BundleWriter writer(file);
    REQUIRE(writer.add(a_set(key_one), content));
    REQUIRE(write_whole_file(content, ""));
    REQUIRE(writer.add(a_set(key_two), content));
    CHECK_FALSE(std::filesystem::exists(file));
    REQUIRE(writer.finish());

    BundleReader reader(file);
    auto set = reader.next(content);
    REQUIRE((set && *set));
    CHECK((*set)->key == key_one);
    CHECK(read_whole_file(content) == std::string(3'000'000, 'x'));
    set = reader.next(content);
    CHECK((*set)->key == key_two);
    CHECK(read_whole_file(content) == "");
    CHECK_FALSE(*reader.next(content));
}

TEST_CASE("a bundle that is cut off, or none, is an error")
{
    const test::TempDirectory directory;
    const auto content = directory.path() / "content";
    const auto file = directory.path() / "bundle.tar";
    REQUIRE(write_whole_file(content, std::string(100'000, 'x')));
    {
        BundleWriter writer(file);
        REQUIRE(writer.add(a_set(key_one), content));
        REQUIRE(writer.finish());
    }
    const std::string whole = *read_whole_file(file);
    for (const std::string& text :
         {whole.substr(0, 50'000), whole.substr(0, 700), std::string("no tar at all"), std::string(2048, 'z')}) {
        REQUIRE(write_whole_file(file, text));
        BundleReader reader(file);
        CHECK(reader.next(content).error().code == Errc::invalid_argument);
    }
    BundleReader missing(directory.path() / "missing");
    CHECK(missing.next(content).error().code == Errc::invalid_argument);
}
