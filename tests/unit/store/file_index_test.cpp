#include "core/store/file_index.hpp"

#include "scratch.hpp"

using namespace std::chrono_literals;
using sbx::Errc;
using sbx::FileIndex;
using sbx::FileSession;
using sbx::FileSessionChange;
using sbx::FileSessionKind;
using sbx::IndexedFile;

namespace {

FileSession session(std::string id, std::chrono::milliseconds created = 1000ms)
{
    FileSession made;
    made.id = std::move(id);
    made.tenant = "acme";
    made.subject = "ann";
    made.created = created;
    made.used = created;
    return made;
}

IndexedFile file(std::string id, std::string name, std::string in)
{
    IndexedFile made;
    made.id = std::move(id);
    made.session = std::move(in);
    made.name = std::move(name);
    made.bytes = 3;
    made.type = "text/plain";
    made.digest = "00";
    made.created = 1000ms;
    return made;
}

FileSessionChange change(FileSession of, std::vector<IndexedFile> added)
{
    FileSessionChange made;
    made.session = std::move(of);
    made.added = std::move(added);
    return made;
}

std::vector<std::string> ids(const std::vector<IndexedFile>& files)
{
    std::vector<std::string> all;
    for (const IndexedFile& each : files) all.push_back(each.id);
    return all;
}

}  // namespace

TEST_CASE("a stored file is found in its session with what was said of it")
{
    test::ScratchStore store;
    FileIndex index(store.database);
    const FileSession one = session("s1");
    const IndexedFile kept = file("f1", "dir/a.txt", "s1");
    REQUIRE(index.apply(change(one, {kept})));
    const auto found = index.find("s1", "f1", 1000ms);
    REQUIRE(found);
    CHECK(found->session == one);
    CHECK(found->file == kept);
    CHECK(index.find("s2", "f1", 1000ms).error().code == Errc::not_found);
    CHECK(index.find("s1", "f2", 1000ms).error().code == Errc::not_found);
    CHECK(index.find_anywhere("f1", 1000ms)->file == kept);
}

TEST_CASE("a name means its newest file, and the one before is still found by its id")
{
    test::ScratchStore store;
    FileIndex index(store.database);
    REQUIRE(index.apply(change(session("s1"), {file("f1", "a", "s1"), file("f2", "b", "s1")})));
    REQUIRE(index.apply(change(session("s1"), {file("f3", "a", "s1")})));
    CHECK(ids(*index.list("s1", 1000ms)) == std::vector<std::string>{"f3", "f2"});
    CHECK(index.find("s1", "f1", 1000ms));
    FileSessionChange removal = change(session("s1"), {});
    removal.removed = {"b"};
    REQUIRE(index.apply(removal));
    CHECK(ids(*index.list("s1", 1000ms)) == std::vector<std::string>{"f3"});
    CHECK(index.find("s1", "f2", 1000ms));
}

TEST_CASE("a file of another session is found in this one too, under its name here")
{
    test::ScratchStore store;
    FileIndex index(store.database);
    REQUIRE(index.apply(change(session("s1"), {file("f1", "a", "s1")})));
    FileSessionChange run = change(session("s2"), {});
    run.aliases = {{"f1", "in/b"}};
    REQUIRE(index.apply(run));
    CHECK(index.find("s2", "f1", 1000ms)->file.name == "in/b");
    CHECK(index.find("s2", "f1", 1000ms)->session.id == "s2");
    CHECK(index.find("s1", "f1", 1000ms)->file.name == "a");
    REQUIRE(index.remove("f1"));
    CHECK(index.find("s2", "f1", 1000ms).error().code == Errc::not_found);
    CHECK(index.find("s1", "f1", 1000ms).error().code == Errc::not_found);
    CHECK(index.remove("f1").error().code == Errc::not_found);
}

TEST_CASE("several files are looked for at once, each in its place")
{
    test::ScratchStore store;
    FileIndex index(store.database);
    REQUIRE(index.apply(change(session("s1"), {file("f1", "a", "s1"), file("f2", "b", "s1")})));
    const auto found = index.find_all({{"s1", "f2"}, {"s1", "f9"}, {"", ""}, {"s1", "f1"}}, 1000ms);
    REQUIRE(found);
    REQUIRE(found->size() == 4);
    CHECK((*found)[0]->file.id == "f2");
    CHECK_FALSE((*found)[1]);
    CHECK_FALSE((*found)[2]);
    CHECK((*found)[3]->file.id == "f1");
}

TEST_CASE("sessions of executions are listed to their owner, newest first")
{
    test::ScratchStore store;
    FileIndex index(store.database);
    REQUIRE(index.apply(change(session("s1", 1000ms), {file("f1", "a", "s1")})));
    REQUIRE(index.apply(change(session("s2", 2000ms), {})));
    FileSession upload = session("s3", 3000ms);
    upload.kind = FileSessionKind::upload;
    REQUIRE(index.apply(change(upload, {})));
    const auto all = index.list_sessions("acme", "ann", 0ms);
    REQUIRE(all);
    REQUIRE(all->size() == 2);
    CHECK((*all)[0].session.id == "s2");
    CHECK((*all)[1].files == 1);
    CHECK(index.list_sessions("acme", "ann", 1500ms)->size() == 1);
    CHECK(index.list_sessions("acme", "bob", 0ms)->empty());
    CHECK(index.list_sessions("other", "ann", 0ms)->empty());
}

TEST_CASE("a session that is removed takes along what was made in it")
{
    test::ScratchStore store;
    FileIndex index(store.database);
    REQUIRE(index.apply(change(session("s1"), {file("f1", "a", "s1")})));
    FileSessionChange run = change(session("s2"), {file("f2", "b", "s2")});
    run.aliases = {{"f1", "a"}};
    REQUIRE(index.apply(run));
    CHECK(*index.remove_session("s2") == std::vector<std::string>{"f2"});
    CHECK(index.find_session("s2").error().code == Errc::not_found);
    CHECK(index.find("s1", "f1", 1000ms));
    CHECK(*index.all() == std::vector<std::string>{"f1"});
    CHECK(index.remove_session("s2").error().code == Errc::not_found);
}

TEST_CASE("what nobody used is forgotten, and what was looked for stays")
{
    test::ScratchStore store;
    FileIndex index(store.database);
    REQUIRE(index.apply(change(session("s1"), {file("f1", "a", "s1"), file("f2", "b", "s1")})));
    REQUIRE(index.apply(change(session("s2"), {file("f3", "c", "s2")})));
    REQUIRE(index.find("s1", "f2", 1h));
    CHECK(*index.prune(30min) == std::vector<std::string>{"f1", "f3"});
    CHECK(index.find_session("s2").error().code == Errc::not_found);
    CHECK(ids(*index.list("s1", 1h)) == std::vector<std::string>{"f2"});
    CHECK(index.prune(30min)->empty());
}

TEST_CASE("an id that is taken changes nothing")
{
    test::ScratchStore store;
    FileIndex index(store.database);
    REQUIRE(index.apply(change(session("s1"), {file("f1", "a", "s1")})));
    CHECK(index.apply(change(session("s2"), {file("f2", "b", "s2"), file("f1", "c", "s2")})).error().code ==
          Errc::conflict);
    CHECK(index.find_session("s2").error().code == Errc::not_found);
    CHECK(index.find("s2", "f2", 1000ms).error().code == Errc::not_found);
}
