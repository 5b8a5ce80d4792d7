#include "agent_under_test.hpp"
#include "archive.hpp"
#include "catch.hpp"

#include <algorithm>

using namespace std::chrono_literals;
using namespace sbx::wire;
using test::AgentUnderTest;
using test::Member;

namespace {

StreamId unpack(AgentUnderTest& agent, const std::string& archive, TarIn request = {})
{
    const StreamId id = agent.owner.tar_in(request);
    std::size_t at = 0;
    agent.until([&] {
        const std::size_t step = std::min(agent.owner.may_send(id), archive.size() - at);
        agent.owner.send(id, std::span(archive).subspan(at, step));
        at += step;
        if (at == archive.size()) agent.owner.eof(id);
        return !agent.owner.is_open(id);
    });
    return id;
}

}  // namespace

TEST_CASE("an archive and the program that needs it are sent in one go")
{
    AgentUnderTest agent;
    const std::string archive = test::pack({{.path = "main.sh", .content = "echo from file; cat data/x", .mode = 0755},
                                            {.path = "data/x", .content = "X"}});
    const StreamId tar = agent.owner.tar_in({});
    agent.owner.send(tar, archive);
    agent.owner.eof(tar);
    const StreamId id = agent.owner.spawn({.after = tar, .argv = {"/bin/sh", "main.sh"}});
    REQUIRE(agent.finish(id));
    CHECK(agent.text(id, Channel::out) == "from file\nX");
    CHECK(agent.seen.replies.at(tar) == Reply{.bytes = 27, .entries = 2});
}

TEST_CASE("modes, times, links and long names survive the way in")
{
    AgentUnderTest agent;
    const std::string name = std::string(120, 'd') + "/" + std::string(200, 'f');
    const StreamId id =
        unpack(agent, test::pack({{.path = "dir", .type = '5', .mode = 0555, .mtime = 1'000'000'000},
                                  {.path = "dir/run", .content = "#!", .mode = 0751, .mtime = 1'234'567'890},
                                  {.path = "dir/link", .type = '2', .link = "run"},
                                  {.path = "hard", .type = '1', .link = "dir/run"},
                                  {.path = name, .content = "long"}}));
    REQUIRE(agent.seen.replies.contains(id));
    agent.sh("stat -c '%n %a %Y %u' dir dir/run; readlink dir/link; stat -c %h hard; cat " + name);
    CHECK(agent.out() == "dir 555 1000000000 1000\ndir/run 751 1234567890 1000\nrun\n2\nlong");
}

TEST_CASE("64 MB go in and come out as they were")
{
    AgentUnderTest agent({.work_bytes = 200U << 20});
    std::string content(64'000'000, '\0');
    for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 2654435761U >> 11);
    const StreamId in = unpack(agent, test::pack({{.path = "big", .content = content}}));
    REQUIRE(agent.seen.replies.contains(in));
    const StreamId out = agent.owner.tar_out({.paths = {"big"}});
    REQUIRE(agent.finish(out));
    const auto members = test::unpack(agent.text(out, Channel::input));
    REQUIRE(members.size() == 1);
    CHECK(members[0].path == "big");
    CHECK(members[0].content == content);
    CHECK(agent.seen.replies.at(out).bytes == content.size());
}

TEST_CASE("nothing in an archive leads out of its directory")
{
    AgentUnderTest agent;
    const auto member = GENERATE(values<Member>({
        {.path = "../tmp/x", .content = "x"},
        {.path = "/tmp/x", .content = "x"},
        {.path = "a/../../tmp/x", .content = "x"},
        {.path = "link", .type = '2', .link = "/etc/passwd"},
        {.path = "link", .type = '2', .link = "../tmp"},
        {.path = "a/link", .type = '2', .link = "../../tmp"},
        {.path = "hard", .type = '1', .link = "../etc/hosts"},
        {.path = "device", .type = '3'},
        {.path = "fifo", .type = '6'},
        {.path = ".", .content = "x"},
    }));
    const StreamId id = unpack(agent, test::pack({member}));
    REQUIRE(agent.seen.errors.contains(id));
    CHECK(agent.seen.errors[id].code == FailureCode::denied);
    agent.sh("ls -A /tmp; find /work -type l");
    CHECK(agent.out().empty());
}

TEST_CASE("an archive is not unpacked through a symbolic link")
{
    AgentUnderTest agent;
    agent.sh("mkdir /tmp/else; ln -s /tmp/else /work/way; ln -s /tmp/else/file /work/file");
    const StreamId through = unpack(agent, test::pack({{.path = "way/x", .content = "x"}}));
    CHECK(agent.seen.errors.contains(through));
    const StreamId over = unpack(agent, test::pack({{.path = "file", .content = "x"}}));
    CHECK(agent.seen.replies.contains(over));
    agent.sh("ls /tmp/else; cat /work/file");
    CHECK(agent.out() == "x");
}

TEST_CASE("archives beyond a cap, cut off or garbled are refused by name")
{
    AgentUnderTest agent;
    const std::string two = test::pack({{.path = "a", .content = "12345"}, {.path = "b", .content = "12345"}});
    std::string garbled = two;
    garbled[10] = '!';
    const auto [archive, request, code] = GENERATE_COPY(table<std::string, TarIn, FailureCode>({
        {two, {.max_bytes = 9}, FailureCode::too_large},
        {two, {.max_entries = 1}, FailureCode::too_large},
        {two.substr(0, 700), {}, FailureCode::invalid},
        {garbled, {}, FailureCode::invalid},
        {"", {}, FailureCode::invalid},
        {two, {.directory = "/nowhere"}, FailureCode::not_found},
        {two, {.directory = "/usr"}, FailureCode::denied},
        {two, {.directory = "/proc/self"}, FailureCode::denied},
        {two, {.directory = "/work/../proc"}, FailureCode::denied},
        {two, {.directory = "//proc"}, FailureCode::denied},
    }));
    const StreamId id = unpack(agent, archive, request);
    REQUIRE(agent.seen.errors.contains(id));
    CHECK(agent.seen.errors[id].code == code);
}

TEST_CASE("a full disk is named, and seen at the program's exit")
{
    AgentUnderTest agent({.work_bytes = 1U << 20});
    const StreamId id = unpack(agent, test::pack({{.path = "big", .content = std::string(2'000'000, 'x')}}));
    REQUIRE(agent.seen.errors.contains(id));
    CHECK(agent.seen.errors[id].code == FailureCode::disk_full);
    CHECK(agent.sh("head -c 5000000 /dev/zero > /work/more").disk_full);
    CHECK_FALSE(agent.sh("rm /work/*").disk_full);
    CHECK(agent.sh("i=0; while : >/work/$i; do i=$((i+1)); done 2>/dev/null").disk_full);
}

TEST_CASE("what comes out is what is there: directories, links as links, nothing special")
{
    AgentUnderTest agent;
    agent.sh("mkdir -p d/empty; echo x > d/x; chmod 640 d/x; ln -s /etc/passwd d/link; mkfifo d/fifo; chmod 700 d");
    const StreamId id = agent.owner.tar_out({.paths = {"d"}});
    REQUIRE(agent.finish(id));
    auto members = test::unpack(agent.text(id, Channel::input));
    std::ranges::sort(members, {}, &Member::path);
    REQUIRE(members.size() == 4);
    CHECK(members[0].path == "d/");
    CHECK(members[0].mode == 0700);
    CHECK(members[1].path == "d/empty/");
    CHECK(members[2].link == "/etc/passwd");
    CHECK(members[3].content == "x\n");
    CHECK(members[3].mode == 0640);
}

TEST_CASE("files that change while they are packed do not break the archive")
{
    AgentUnderTest agent({.one_shot = false});
    agent.owner.spawn(
        {.argv = {"/bin/sh", "-c",
                  "while :; do head -c 200000 /dev/zero > a; : > a; head -c 90000 /dev/zero >> a; rm a; done"}});
    for (int i = 0; i < 30; ++i) {
        const StreamId id = agent.owner.tar_out({});
        REQUIRE(agent.finish(id));
        REQUIRE(agent.seen.replies.contains(id));
        for (const Member& member : test::unpack(agent.text(id, Channel::input))) CHECK(member.path == "a");
    }
}

TEST_CASE("asking for a file that is not there, or elsewhere, is an error")
{
    AgentUnderTest agent;
    const StreamId missing = agent.owner.tar_out({.paths = {"none"}});
    const StreamId outside = agent.owner.tar_out({.paths = {"../etc/hosts"}});
    REQUIRE(agent.finish(missing));
    REQUIRE(agent.finish(outside));
    CHECK(agent.seen.errors.at(missing).code == FailureCode::not_found);
    CHECK(agent.seen.errors.at(outside).code == FailureCode::denied);
}

TEST_CASE("a listing has every entry with its type, size, time and mode")
{
    AgentUnderTest agent;
    agent.sh(
        "mkdir -p a/b; printf 12345 > a/b/f; chmod 604 a/b/f; touch -d @1000000000 a/b/f; ln -s f a/b/l; touch "
        "\"$(printf 'n\\377')\"");
    const StreamId id = agent.owner.list({});
    REQUIRE(agent.finish(id));
    auto entries = agent.seen.entries[id];
    std::ranges::sort(entries, {}, &Entry::path);
    REQUIRE(entries.size() == 5);
    CHECK(entries[0].type == EntryType::directory);
    CHECK(entries[2] == Entry{.path = "a/b/f", .size_bytes = 5, .mtime_ns = 1'000'000'000'000'000'000, .mode = 0604});
    CHECK(entries[3].type == EntryType::symlink);
    CHECK(entries[4].path == "n\xff");
    CHECK(agent.seen.replies.at(id) == Reply{.entries = 5});
}

TEST_CASE("a listing ends at its caps")
{
    AgentUnderTest agent;
    agent.sh("mkdir -p x/y/z; i=0; while [ $i -lt 1500 ]; do : > x/y/z/some-file-$i; i=$((i+1)); done");
    const StreamId capped = agent.owner.list({.max_entries = 1'000});
    const StreamId flat = agent.owner.list({.depth = 2});
    const StreamId whole = agent.owner.list({});
    for (const StreamId id : {capped, flat, whole}) REQUIRE(agent.finish(id));
    CHECK(agent.seen.entries[capped].size() == 1'000);
    CHECK(agent.seen.replies.at(capped).truncated);
    CHECK(agent.seen.entries[flat].size() == 2);
    CHECK(agent.seen.entries[whole].size() == 1'503);
    CHECK_FALSE(agent.seen.replies.at(whole).truncated);
}

TEST_CASE("a file operation that is under way holds up no other stream's end")
{
    AgentUnderTest agent;
    const std::string archive = test::pack({{.path = "a", .content = "x"}});
    const StreamId program = agent.owner.spawn({.argv = {"cat"}});
    const StreamId first = agent.owner.tar_in({});
    const StreamId waiting = agent.owner.tar_in({});
    agent.owner.send(first, archive);
    agent.owner.eof(first);
    agent.owner.eof(program);
    CHECK(agent.until([&] { return !agent.owner.is_open(program) && !agent.owner.is_open(first); }, 5s));
    CHECK(agent.owner.is_open(waiting));
}

TEST_CASE("code can kill the file operation, not the agent")
{
    AgentUnderTest agent({.one_shot = false});
    const StreamId id = agent.owner.tar_in({});
    // Until it has become uid 1000 the operation cannot be killed: try until it is gone.
    const std::string kill_others =
        "while :; do left=; for p in /proc/[0-9]*; do p=${p#/proc/}; "
        "[ $p = 1 ] || [ $p = $$ ] || { left=$p; kill -9 $p; }; done; [ -n \"$left\" ] || exit 0; sleep 0.02; done";
    REQUIRE(agent.sh(kill_others).code == 0);
    REQUIRE(agent.finish(id));
    CHECK(agent.seen.errors.at(id).code == FailureCode::internal);
    CHECK(agent.sh("true").code == 0);
}

namespace {

StreamId write_file(AgentUnderTest& agent, const Write& request, const std::string& content)
{
    const StreamId id = agent.owner.write(request);
    agent.owner.send(id, content);
    agent.owner.eof(id);
    agent.finish(id);
    return id;
}

}  // namespace

TEST_CASE("a file is written whole or not at all")
{
    AgentUnderTest agent;
    REQUIRE(agent.seen.replies.contains(write_file(agent, {.path = "/work/a", .mode = 0751}, "first\n")));
    REQUIRE(agent.seen.replies.contains(write_file(agent, {.path = "/work/a", .append = true}, "second\n")));
    const StreamId large = write_file(agent, {.path = "/work/a", .max_bytes = 3}, "third");
    REQUIRE(agent.seen.errors.contains(large));
    CHECK(agent.seen.errors[large].code == FailureCode::too_large);
    agent.sh("cat a; ls -A; stat -c '%a %u' a");
    CHECK(agent.out() == "first\nsecond\na\n751 1000\n");
}

TEST_CASE("a file's bytes come out from an offset up to a length")
{
    AgentUnderTest agent;
    agent.sh("printf 0123456789 > a");
    const StreamId whole = agent.owner.read({.path = "/work/a"});
    const StreamId part = agent.owner.read({.path = "/work/a", .offset = 3, .max_bytes = 4});
    REQUIRE(agent.finish(whole));
    REQUIRE(agent.finish(part));
    CHECK(agent.text(whole, Channel::input) == "0123456789");
    CHECK(agent.text(part, Channel::input) == "3456");
    CHECK(agent.seen.replies.at(part).bytes == 4);
}

TEST_CASE("only regular files are read, and nothing hangs or floods")
{
    AgentUnderTest agent;
    agent.sh("mkfifo fifo; ln -s /etc/hosts link; mkdir directory; ln -s /proc way");
    const auto path =
        GENERATE(as<std::string>(), "/work/fifo", "/work/link", "/work/directory", "/dev/zero", "/proc/self/maps",
                 "/work/way/self/maps", "/work/../proc/self/maps", "//proc/self/maps", "/", "work/x", "");
    const StreamId id = agent.owner.read({.path = path});
    REQUIRE(agent.finish(id));
    CHECK(agent.seen.errors.contains(id));
}

TEST_CASE("a path that is too long is refused in words that are not")
{
    AgentUnderTest agent;
    std::string path = "/work";
    while (path.size() < 4'090) path += "/d";
    const StreamId missing = agent.owner.stat({.path = path});
    const StreamId longer = agent.owner.stat({.path = path + std::string(20'000, 'x')});
    const StreamId command = agent.owner.spawn({.argv = {std::string(20'000, 'x')}});
    for (const StreamId id : {missing, longer, command}) REQUIRE(agent.finish(id));
    CHECK(agent.seen.errors.at(missing).code == FailureCode::not_found);
    CHECK(agent.seen.errors.at(missing).message.ends_with(": No such file or directory"));
    CHECK(agent.seen.errors.at(longer).code == FailureCode::invalid);
    CHECK(agent.seen.errors.at(command).message.size() == max_message_bytes);
}

TEST_CASE("a time beyond all clocks is the latest that can be told")
{
    AgentUnderTest agent;
    agent.sh("touch -d @99999999999999 a");
    const StreamId id = agent.owner.stat({.path = "/work/a"});
    const StreamId tar = agent.owner.tar_out({});
    for (const StreamId each : {id, tar}) REQUIRE(agent.finish(each));
    CHECK(agent.seen.entries.at(id).at(0).mtime_ns >= 9'000'000'000'000'000'000);
    CHECK(test::unpack(agent.text(tar, Channel::input)).at(0).mtime > 8'000'000'000);
}

TEST_CASE("stat tells of the file itself, not of what a link leads to")
{
    AgentUnderTest agent;
    agent.sh("printf 123 > a; ln -s a link");
    const StreamId file = agent.owner.stat({.path = "/work/a"});
    const StreamId link = agent.owner.stat({.path = "/work/link"});
    const StreamId none = agent.owner.stat({.path = "/work/none"});
    for (const StreamId id : {file, link, none}) REQUIRE(agent.finish(id));
    CHECK(agent.seen.entries.at(file).at(0).size_bytes == 3);
    CHECK(agent.seen.entries.at(file).at(0).path == "/work/a");
    CHECK(agent.seen.entries.at(link).at(0).type == EntryType::symlink);
    CHECK(agent.seen.errors.at(none).code == FailureCode::not_found);
}

TEST_CASE("directories are made, things moved and trees removed")
{
    AgentUnderTest agent;
    const StreamId made = agent.owner.mkdir({.path = "/work/a/b/c"});
    const StreamId again = agent.owner.mkdir({.after = made, .path = "/work/a/b/c"});
    const StreamId exists = agent.owner.mkdir({.after = again, .path = "/work/a", .parents = false});
    REQUIRE(agent.finish(exists));
    CHECK(agent.seen.replies.contains(again));
    CHECK(agent.seen.errors.at(exists).code == FailureCode::exists);
    agent.sh("echo x > a/b/c/f; ln -s / a/b/root; mkdir empty");
    const StreamId moved = agent.owner.move({.from = "/work/a/b", .to = "/work/d"});
    const StreamId full = agent.owner.remove({.after = moved, .path = "/work/d"});
    REQUIRE(agent.finish(full));
    CHECK(agent.seen.errors.at(full).code == FailureCode::exists);
    const StreamId tree = agent.owner.remove({.path = "/work/d", .recursive = true});
    const StreamId empty = agent.owner.remove({.path = "/work/empty"});
    const StreamId none = agent.owner.remove({.path = "/work/none"});
    const StreamId foreign = agent.owner.remove({.path = "/usr/bin/env"});
    for (const StreamId id : {tree, empty, none, foreign}) REQUIRE(agent.finish(id));
    CHECK(agent.seen.replies.contains(tree));
    CHECK(agent.seen.replies.contains(empty));
    CHECK(agent.seen.errors.at(none).code == FailureCode::not_found);
    CHECK(agent.seen.errors.at(foreign).code == FailureCode::denied);
    agent.sh("find . -mindepth 1; test -e /usr/bin/env");
    CHECK(agent.out() == "./a\n");
}
