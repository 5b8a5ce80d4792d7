#include "catch.hpp"
#include "core/wire/base64.hpp"
#include "core/wire/messages.hpp"

#include <limits>

using namespace sbx::wire;

namespace {

template <class Message>
void survives(const Message& message)
{
    Message copy;
    REQUIRE(decode(encode(message), copy) == nullptr);
    CHECK(copy == message);
}

}  // namespace

TEST_CASE("every message is read as it was written")
{
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    survives(Nothing{});
    survives(Hello{.version = 7, .build = "0.1", .cgroup = 2, .memory_limit_bytes = most});
    survives(Claim{.token = "t", .lease_ms = most, .one_shot = true});
    survives(Ping{.nonce = most});
    survives(Lease{.ms = 1});
    survives(Spawn{.after = 3,
                   .argv = {"a", "", "b c"},
                   .env = {"A=1"},
                   .cwd = "/x",
                   .uid = 1,
                   .gid = 2,
                   .pty = true,
                   .rows = 3,
                   .columns = 4,
                   .input = false,
                   .limits = {{"cpu", 1, most}},
                   .channels = {3, 15},
                   .window = 5,
                   .drain_ms = 6,
                   .detached = true});
    survives(Resize{.rows = 1, .columns = 2});
    survives(Signal{.signal = 9, .target = Target::all});
    survives(Exit{.code = 1,
                  .signal = 2,
                  .wall_us = 3,
                  .user_us = 4,
                  .system_us = 5,
                  .peak_rss_bytes = 6,
                  .start_ms = -7,
                  .end_ms = 8,
                  .oom = true,
                  .oom_kills = 9,
                  .disk_full = true,
                  .memory_peak_bytes = 10,
                  .memory_limit_bytes = 11,
                  .memory_in_files_bytes = 12});
    survives(Started{.process = most});
    survives(Processes{.after = 1});
    survives(ProcessList{.processes = {{.process = 1,
                                        .argv = {"a", "\xff"},
                                        .running = false,
                                        .start_ms = 2,
                                        .exit = {.code = 3},
                                        .dropped_bytes = most}}});
    survives(Attach{.after = 1, .process = most, .follow = false, .window = 2});
    survives(Attached{.process = most, .pty = true, .input = false, .channels = {3}, .dropped_bytes = 4});
    survives(Measure{.after = 1});
    survives(Reset{.after = 1});
    survives(Measured{.cpu_us = 1,
                      .memory_bytes = 2,
                      .memory_peak_bytes = 3,
                      .processes = 4,
                      .work_bytes = 5,
                      .work_size_bytes = 6,
                      .tmp_bytes = 7,
                      .tmp_size_bytes = most});
    survives(Credit{.bytes = 1});
    survives(Reply{.bytes = 1, .entries = 2, .truncated = true, .mtime_ns = 3});
    survives(Failure{.code = FailureCode::disk_full, .message = "m"});
    survives(
        Entries{.entries = {{.path = "p", .type = EntryType::symlink, .size_bytes = 1, .mtime_ns = -1, .mode = 0777}}});
    survives(Stat{.after = 1, .path = "p"});
    survives(List{.after = 1, .directory = "/d", .depth = 2, .max_entries = 3});
    survives(Read{.after = 1, .path = "p", .offset = 2, .max_bytes = 3, .window = 4});
    survives(Write{.after = 1, .path = "p", .mode = 2, .max_bytes = 3, .append = true});
    survives(Mkdir{.after = 1, .path = "p", .mode = 2, .parents = false});
    survives(Move{.after = 1, .from = "f", .to = "t"});
    survives(Remove{.after = 1, .path = "p", .recursive = true});
    survives(Watch{.after = 1, .path = "p", .recursive = true, .window = 2});
    survives(Changed{.kind = ChangeKind::overflow, .path = "p"});
    survives(TarIn{.after = 1, .directory = "/d", .max_bytes = 2, .max_entries = 3});
    survives(TarOut{.after = 1, .directory = "/d", .paths = {"p"}, .window = 2});
    survives(Connect{.after = 1, .port = 2, .window = 3});
    survives(Egress{.names = {{"a.example", {80, 443}}, {"\xff", {}}}, .proxies = true});
    survives(NameRefused{.host = "a\xff"});
    survives(ChangeEgress{.after = 1, .allow = {"a", ""}, .deny = {"b:80"}});
    survives(Turn{.name = "python-default", .attached = 3});
    survives(Proxy{.host = "h", .port = 1});
}

TEST_CASE("every failure code has a name of its own")
{
    for (auto code = FailureCode::invalid; code <= FailureCode::internal;
         code = static_cast<FailureCode>(static_cast<int>(code) + 1))
        survives(Failure{.code = code});
}

TEST_CASE("bytes are exact, whatever they are")
{
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
    const auto bytes = GENERATE_COPY(
        values<std::string>({"", "plain", "\"quoted\\\"", "line\nline\ttab\r", "h\xc3\xa9", "\xf0\x9f\x98\x80", "\xff",
                             "\xc3", "\xed\xa0\x80", std::string(1, '\0'), "\x1b[0m", all}));
    survives(Spawn{.argv = {bytes, "next"}});
}

TEST_CASE("clean text travels as text, all else as base64")
{
    CHECK(encode(Stat{.path = "h\xc3\xa9\n"}) == "{\"after\":0,\"path\":\"h\xc3\xa9\\n\"}");
    CHECK(encode(Stat{.path = "\xff"}) == R"({"after":0,"path":{"base64":"/w=="}})");
}

TEST_CASE("256 KiB of any bytes as arguments fit into one frame")
{
    const auto byte = GENERATE(as<char>(), 'x', '"', '\\', '\n', '\x01', '\xff');
    CHECK(encode(Spawn{.argv = {std::string(256U << 10, byte)}}).size() <= max_control_to_agent);
}

TEST_CASE("a missing key keeps its default")
{
    Spawn spawn;
    REQUIRE(decode(R"({"argv":["x"]})", spawn) == nullptr);
    CHECK(spawn == Spawn{.argv = {"x"}});
}

TEST_CASE("texts that are not the message are refused")
{
    const auto json =
        GENERATE(as<std::string>(), "", " ", "{", "[]", "null", "7", "{}{}", "{} x", R"({"nonce":1,"nonce":1})",
                 R"({"nonce":1,"other":1})", R"({"nonce":-1})", R"({"nonce":1.5})", R"({"nonce":"1"})",
                 R"({"nonce":null})", R"({"nonce":18446744073709551616})", R"({"nonce":1e2})", "{\"nonce\":1}\xff",
                 "{\"nonce\xff\":1}", R"({nonce:1})", R"({"nonce":1,})", R"({"":1})");
    Ping ping;
    CHECK(decode(json, ping) != nullptr);
}

TEST_CASE("texts that are not the bytes they stand for are refused")
{
    const auto path =
        GENERATE(as<std::string>(), "1", "null", "[]", "{}", R"({"base64":1})", R"({"base64":"/w="})",
                 R"({"base64":"/w"})", R"({"base64":"/x=="})", R"({"base64":"=w=="})", R"({"base64":"/ w="})",
                 R"({"base64":"/w==","x":1})", R"({"hex":"ff"})", "\"\xff\"", R"("\ud800")", "\"\x01\"");
    Stat stat;
    CHECK(decode("{\"path\":" + path + "}", stat) != nullptr);
}

TEST_CASE("nesting costs no stack")
{
    Ping ping;
    CHECK(decode(std::string(60'000, '['), ping) != nullptr);
    std::string deep;
    for (int i = 0; i < 10'000; ++i) deep += "{\"a\":";
    CHECK(decode(deep, ping) != nullptr);
    CHECK(decode("{\"nonce\":" + std::string(30'000, '[') + std::string(30'000, ']') + "}", ping) != nullptr);
}

TEST_CASE("base64 is RFC 4648's")
{
    for (const auto& [bytes, text] :
         {std::pair{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}}) {
        CHECK(to_base64(bytes) == text);
        std::string back;
        CHECK(from_base64(text, back));
        CHECK(back == bytes);
    }
}
