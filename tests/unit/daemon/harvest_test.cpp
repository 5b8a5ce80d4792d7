#include "catch.hpp"
#include "temp_directory.hpp"

#include "daemon/interpreter/harvest.hpp"

#include <fstream>

using namespace sbx::daemon;
using sbx::ChangedFile;
using sbx::FileSession;
using sbx::IndexedFile;
using sbx::Store;
namespace fs = std::filesystem;

namespace {

struct Kept {
    Kept() { REQUIRE(files.open()); }

    /// A file that came out of a sandbox.
    void make(const std::string& name, std::string_view text)
    {
        fs::create_directories((from / name).parent_path());
        std::ofstream(from / name, std::ios::binary) << text;
        changed.push_back({name, text.size()});
    }
    /// One that had gone in.
    void mount(const std::string& name, std::string_view text, bool read_only = false)
    {
        MountedFile file;
        file.name = name;
        file.found.file.digest = sbx::to_hex(sbx::digest_of(text));
        file.found.file.read_only = read_only;
        mounted.push_back(std::move(file));
    }
    Harvest take(std::size_t most = 50) const
    {
        return harvest(files, from, changed, mounted, {"session", 1000, most});
    }

    test::TempDirectory directory;
    std::unique_ptr<Store> store = *Store::open(directory.path() / "state", sbx::StoreOptions{});
    StoredFiles files{*store, directory.path() / "files"};
    fs::path from = directory.path() / "out";
    std::vector<ChangedFile> changed;
    std::vector<MountedFile> mounted;
};

std::vector<std::string> names(const Harvest& all)
{
    std::vector<std::string> found;
    for (const ProducedFile& each : all.produced) found.push_back(each.file.name);
    return found;
}

FileSession session_of(std::string tenant, std::string subject, std::string kind = "", std::string version = "")
{
    FileSession session;
    session.tenant = std::move(tenant);
    session.subject = std::move(subject);
    session.entity_kind = std::move(kind);
    session.entity_id = session.entity_kind.empty() ? "" : "e1";
    session.entity_version = std::move(version);
    return session;
}

Caller holder(std::string tenant, std::string subject)
{
    Caller caller;
    caller.tenant = std::move(tenant);
    caller.subject = std::move(subject);
    return caller;
}

}  // namespace

TEST_CASE("what a run made is kept under ids of its own")
{
    Kept kept;
    kept.make("a.txt", "1");
    kept.make("dir/b.csv", "22");
    const Harvest all = kept.take();
    REQUIRE(names(all) == std::vector<std::string>{"a.txt", "dir/b.csv"});
    const IndexedFile& file = all.produced[1].file;
    CHECK(file.session == "session");
    CHECK(file.bytes == 2);
    CHECK(file.type == "text/csv");
    CHECK(is_file_id(file.id));
    CHECK(fs::file_size(kept.files.place_of(file.id)) == 2);
    CHECK_FALSE(all.produced[0].replaces);
}

TEST_CASE("only another content is a change")
{
    Kept kept;
    kept.mount("same", "1");
    kept.mount("other", "1");
    kept.mount("locked", "1", true);
    kept.make("locked", "2");
    kept.make("other", "2");
    kept.make("same", "1");
    const Harvest all = kept.take();
    REQUIRE(names(all) == std::vector<std::string>{"other"});
    CHECK(all.produced[0].replaces == 1);
    std::size_t contents = 0;
    for (const auto& entry : fs::directory_iterator(kept.directory.path() / "files"))
        contents += entry.is_regular_file();
    CHECK(contents == 1);
}

TEST_CASE("what is hidden, too large or too much is left")
{
    Kept kept;
    for (const char* name : {".hidden", "__pycache__/x", "a", "b", "c"}) kept.make(name, "1");
    kept.make("large", std::string(1001, 'x'));
    const Harvest all = kept.take(2);
    CHECK(names(all) == std::vector<std::string>{"a", "b"});
    CHECK(all.beyond == std::vector<std::string>{"c"});
}

TEST_CASE("a file that did not come out is told of")
{
    Kept kept;
    kept.changed.push_back({"gone", 1});
    const Harvest all = kept.take();
    CHECK(all.produced.empty());
    CHECK(all.failed == std::vector<std::string>{"gone"});
}

TEST_CASE("a token reads its own, and what its tenant has for an agent or a skill that it names")
{
    const FileEntity nobody;
    const Caller ann = holder("t", "ann");
    CHECK(may_read(session_of("t", "ann"), ann, nobody));
    CHECK_FALSE(may_read(session_of("t", "bob"), ann, nobody));
    CHECK_FALSE(may_read(session_of("u", "ann"), ann, nobody));
    CHECK(may_read(session_of("t", "bob", "agent"), ann, {"agent", "e1", ""}));
    CHECK_FALSE(may_read(session_of("t", "bob", "agent"), ann, {"agent", "e2", ""}));
    CHECK(may_read(session_of("t", "bob", "skill", "3"), ann, {"skill", "e1", "3"}));
    CHECK_FALSE(may_read(session_of("t", "bob", "skill", "3"), ann, {"skill", "e1", "4"}));
    CHECK_FALSE(may_read(session_of("t", "bob", "user"), ann, {"user", "e1", ""}));
    CHECK_FALSE(may_read(session_of("u", "bob", "agent"), ann, {"agent", "e1", ""}));
    CHECK_FALSE(may_remove(session_of("t", "bob", "agent"), ann));
    CHECK(may_remove(session_of("t", "ann"), ann));
}

TEST_CASE("a key reads what was made with it, and the operator everything")
{
    const FileEntity agent{"agent", "e1", ""};
    Caller key;
    key.key = "0123abcd";
    CHECK(may_read(session_of("", "0123abcd"), key, agent));
    CHECK_FALSE(may_read(session_of("", ""), key, agent));
    CHECK_FALSE(may_read(session_of("", "other", "agent"), key, agent));
    CHECK_FALSE(may_read(session_of("", "0123abcd"), Caller(), agent));
    CHECK(may_read(session_of("", ""), Caller(), agent));
    CHECK_FALSE(may_read(session_of("t", "0123abcd"), key, agent));
    Caller owner;
    owner.is_operator = true;
    CHECK(may_remove(session_of("t", "ann"), owner));
}

TEST_CASE("ids have 21 letters")
{
    CHECK(is_file_id(new_file_id()));
    CHECK(new_file_id() != new_file_id());
    for (const char* text : {"", "abc", "../../../../etc/passw", "aaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaa.",
                             "0b0e2a3c-5b6f-4c1a-9d7e-3f2a1b0c9d8e"})
        CHECK_FALSE(is_file_id(text));
}
