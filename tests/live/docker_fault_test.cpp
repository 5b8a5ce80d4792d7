#include "docker_fixture.hpp"
#include "scripted_engine.hpp"

#include <fmt/format.h>

using namespace std::chrono_literals;
using nlohmann::json;
using sbx::Errc;
using test::Answer;
using test::answer;
using test::DockerFixture;
using test::ScriptedEngine;

namespace {

Answer raw(std::string bytes)
{
    Answer made;
    made.bytes = std::move(bytes);
    made.closes = true;
    return made;
}

}  // namespace

TEST_CASE_METHOD(DockerFixture, "a broken reply is one clear error, at once")
{
    const auto [bytes, code] = GENERATE(table<std::string, Errc>({
        {"", Errc::unavailable},
        {"HTTP/1.1 200 OK\r\nContent-Le", Errc::unavailable},
        {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[", Errc::unavailable},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", Errc::unavailable},
        {"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n[{\"Id\":", Errc::unavailable},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", Errc::unavailable},
        {"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n[{\"Id\": 7}] ", Errc::unavailable},
        {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n[", Errc::unavailable},
        {"HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n", Errc::unavailable},
        {"SSH-2.0-OpenSSH_9.2\r\n", Errc::unavailable},
        {"HTTP/1.1 500 No\r\nApi-Version: 1.41\r\nContent-Length: 18\r\n\r\n{\"message\":\"disk\"}", Errc::internal},
    }));
    const Answer broken = raw(bytes);
    ScriptedEngine scripted(context, [&](const std::string&) { return broken; });
    const auto client = engine_at(scripted.endpoint());
    const auto listed = run(client->list("sbx.instance"));
    INFO(bytes.substr(0, 100));
    REQUIRE_FALSE(listed);
    CHECK(listed.error().code == code);
    CHECK_FALSE(listed.error().message.empty());
}

TEST_CASE_METHOD(DockerFixture, "an engine that hangs is given up after the call's deadline")
{
    Answer silent;
    silent.hangs = true;
    ScriptedEngine scripted(context, [&](const std::string&) { return silent; });
    const auto client = engine_at(scripted.endpoint());
    const auto before = std::chrono::steady_clock::now();
    const auto listed = run(client->list("sbx.instance"));
    REQUIRE_FALSE(listed);
    CHECK(listed.error().code == Errc::deadline_exceeded);
    CHECK(std::chrono::steady_clock::now() - before < 10s);
}

TEST_CASE_METHOD(DockerFixture, "a chunk's head without an end is not waited for, nor kept")
{
    Answer endless;
    endless.bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;" + std::string(1U << 20, 'x');
    endless.hangs = true;
    ScriptedEngine scripted(context, [&](const std::string&) { return endless; });
    const auto listed = run(engine_at(scripted.endpoint())->list("a"));
    REQUIRE_FALSE(listed);
    CHECK(listed.error().code == Errc::unavailable);
}

TEST_CASE_METHOD(DockerFixture, "an engine that takes no more connections is given up after a few seconds")
{
    using Protocol = boost::asio::local::stream_protocol;
    const test::TempDirectory directory;
    const Protocol::endpoint full((directory.path() / "s").string());
    Protocol::acceptor deaf(context);
    deaf.open();
    deaf.bind(full);
    deaf.listen(0);
    Protocol::socket waiting(context);
    waiting.connect(full);
    const auto client = engine_at(*sbx::docker::parse_host("unix://" + full.path(), nullptr));
    const auto listed = run(client->list("a"));
    REQUIRE_FALSE(listed);
    CHECK(listed.error().code == Errc::unavailable);
    CHECK(listed.error().message.find("timed out") != std::string::npos);
    CHECK(listed.error().hint.find("restart") != std::string::npos);
}

TEST_CASE_METHOD(DockerFixture,
                 "what can be repeated is repeated once on a connection that went stale, nothing else is")
{
    bool dies = false;
    ScriptedEngine scripted(context, [&](const std::string&) {
        if (std::exchange(dies, false)) return raw("");
        return answer(200, "[]");
    });
    const auto client = engine_at(scripted.endpoint());
    REQUIRE(run(client->list("a")));

    dies = true;
    CHECK(run(client->list("a")));
    CHECK(scripted.requests().size() == 3);

    dies = true;
    const auto paused = run(client->pause("x"));
    REQUIRE_FALSE(paused);
    CHECK(paused.error().code == Errc::unavailable);
    CHECK(scripted.requests().size() == 4);
}

TEST_CASE_METHOD(DockerFixture, "a connection that the engine closed while idle is not used again")
{
    ScriptedEngine scripted(context, [&](const std::string&) {
        Answer last = answer(200, "[]");
        last.closes = true;
        return last;
    });
    const auto client = engine_at(scripted.endpoint());
    for (int i = 0; i < 3; ++i) CHECK(run(client->list("a")));
    CHECK(run(client->pause("x")));
    CHECK(scripted.requests().size() == 4);
}

TEST_CASE_METHOD(DockerFixture, "Podman and engines that are too old are refused with the reason")
{
    const auto [first, words] = GENERATE(table<std::string, std::string>({
        {"HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nLibpod-Api-Version: 4.3.1\r\nContent-Length: 2\r\n\r\nOK", "Podman"},
        {"HTTP/1.1 200 OK\r\nApi-Version: 1.40\r\nContent-Length: 2\r\n\r\nOK", "too old"},
        {"HTTP/1.1 400 Bad\r\nContent-Length: 48\r\n\r\nClient sent an HTTP request to an HTTPS server.\n", "HTTPS"},
    }));
    ScriptedEngine scripted(context, [&](const std::string&) { return raw(first); });
    scripted.ping = raw(first);
    const auto client = engine_at(scripted.endpoint());
    const auto listed = run(client->list("a"));
    const auto paused = run(client->pause("x"));
    for (const sbx::Error& error : {listed.error(), paused.error()}) {
        CHECK(error.code == Errc::unavailable);
        CHECK(error.message.find(words) != std::string::npos);
        CHECK_FALSE(error.hint.empty());
    }
    CHECK(scripted.requests() == std::vector<std::string>{"GET /containers/json"});
}

TEST_CASE_METHOD(DockerFixture, "an engine that is newer than we know is asked again in the version that both know")
{
    ScriptedEngine scripted(context, [&](const std::string&) {
        return raw("HTTP/1.1 200 OK\r\nApi-Version: 1.99\r\nContent-Length: 2\r\n\r\n[]");
    });
    const auto client = engine_at(scripted.endpoint());
    CHECK(run(client->list("a")));
    CHECK(run(client->list("a")));
    CHECK(scripted.requests().size() == 3);
}

TEST_CASE_METHOD(DockerFixture, "a create whose reply is lost is undone by its name")
{
    ScriptedEngine scripted(context, [&](const std::string& request) {
        return request == "POST /containers/create" ? raw("HTTP/1.1 201 Cre") : answer(204, "");
    });
    const auto client = engine_at(scripted.endpoint());
    sbx::Plan named = plan();
    named.name = "sbx-lost";
    const auto launched = run(client->launch(named, ""));
    REQUIRE_FALSE(launched);
    CHECK(launched.error().code == Errc::unavailable);
    CHECK(scripted.requests() == std::vector<std::string>{"POST /containers/create", "DELETE /containers/sbx-lost"});
}

TEST_CASE_METHOD(DockerFixture, "a create whose reply names no container is undone by its name")
{
    const std::string body = GENERATE("", "{}", "[", R"({"Id":7})", R"({"Id":"c","Warnings":[1]})");
    ScriptedEngine scripted(context, [&](const std::string& request) {
        return request == "POST /containers/create" ? answer(201, body) : answer(204, "");
    });
    const auto client = engine_at(scripted.endpoint());
    sbx::Plan named = plan();
    named.name = "sbx-nameless";
    const auto launched = run(client->launch(named, ""));
    REQUIRE_FALSE(launched);
    CHECK(launched.error().code == Errc::unavailable);
    CHECK(scripted.requests() ==
          std::vector<std::string>{"POST /containers/create", "DELETE /containers/sbx-nameless"});
}

TEST_CASE_METHOD(DockerFixture, "a sandbox that the engine made without one of its limits is removed and refused")
{
    const std::string limit = GENERATE("memory limit", "swap limit", "pids limit");
    ScriptedEngine scripted(context, [&](const std::string&) {
        const json warning = "Your kernel does not support " + limit + " capabilities or the cgroup is not mounted.";
        return answer(201, json({{"Id", "c"}, {"Warnings", {"harmless", warning}}}).dump());
    });
    const auto client = engine_at(scripted.endpoint());
    sbx::Plan named = plan();
    named.name = "sbx-unlimited";
    const auto launched = run(client->launch(named, ""));
    REQUIRE_FALSE(launched);
    CHECK(launched.error().code == Errc::permission_denied);
    CHECK(launched.error().message.find(limit) != std::string::npos);
    CHECK(scripted.requests().back() == "DELETE /containers/sbx-unlimited");
}

TEST_CASE_METHOD(DockerFixture, "a plan whose limit is 0, which an engine takes for none, never reaches the engine")
{
    ScriptedEngine scripted(context, [&](const std::string&) { return answer(201, R"({"Id":"c"})"); });
    const auto client = engine_at(scripted.endpoint());
    sbx::Plan unlimited = plan();
    SECTION("memory")
    {
        unlimited.limits.memory_bytes = 0;
    }
    SECTION("disk")
    {
        unlimited.limits.disk_bytes = 0;
    }
    SECTION("processors")
    {
        unlimited.limits.millicpus = 0;
    }
    SECTION("processes")
    {
        unlimited.limits.pids = 0;
    }
    const auto launched = run(client->launch(unlimited, ""));
    REQUIRE_FALSE(launched);
    CHECK(launched.error().code == Errc::invalid_argument);
    CHECK(scripted.requests().empty());
}

TEST_CASE_METHOD(DockerFixture, "an attach that is answered without becoming a stream is refused")
{
    const std::string head = GENERATE("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n",
                                      "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 304 Not Modified\r\n\r\n");
    ScriptedEngine scripted(context, [&](const std::string& request) {
        if (request == "POST /containers/create") return answer(201, R"({"Id":"c"})");
        if (request == "POST /containers/c/attach") {
            Answer open;
            open.bytes = head;
            open.hangs = true;
            return open;
        }
        return answer(200, "");
    });
    const auto client = engine_at(scripted.endpoint());
    const auto launched = run(client->launch(plan(), ""));
    REQUIRE_FALSE(launched);
    CHECK(launched.error().code == Errc::unavailable);
    CHECK(launched.error().message.find("not upgraded") != std::string::npos);
    CHECK(scripted.requests().back() == "DELETE /containers/c");
    CHECK_FALSE(run(client->reconnect("c")));
}

TEST_CASE_METHOD(DockerFixture, "what arrives together with the attach's answer belongs to the stream")
{
    ScriptedEngine scripted(context, [&](const std::string&) {
        Answer open;
        open.bytes =
            "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nTransfer-Encoding: chunked\r\n\r\n";
        open.bytes += std::string("\1\0\0\0\0\0\0\5hello", 13);
        open.closes = true;
        return open;
    });
    const auto client = engine_at(scripted.endpoint());
    auto channel = run(client->reconnect("c"));
    REQUIRE(channel);
    CHECK(read_until(**channel, 100) == "hello");
}

TEST_CASE_METHOD(DockerFixture, "a reply that comes twice is not taken for the next call's")
{
    int count = 0;
    ScriptedEngine scripted(context, [&](const std::string&) {
        Answer twice = answer(200, ++count == 1 ? R"([{"Id":"a","Names":[""]}])" : "[]");
        twice.bytes += twice.bytes;
        return twice;
    });
    const auto client = engine_at(scripted.endpoint());
    const auto first = run(client->list("a"));
    REQUIRE(first);
    REQUIRE(first->size() == 1);
    CHECK(first->front().name.empty());
    const auto second = run(client->list("a"));
    REQUIRE(second);
    CHECK(second->empty());
}

TEST_CASE_METHOD(DockerFixture, "whatever fails after the create, the container is removed")
{
    const std::string failing = GENERATE("POST /containers/c/attach", "POST /containers/c/wait");
    ScriptedEngine scripted(context, [&](const std::string& request) {
        if (request == failing) return answer(500, R"({"message":"no"})");
        if (request == "POST /containers/create") return answer(201, R"({"Id":"c"})");
        if (request == "POST /containers/c/attach") {
            Answer open;
            open.bytes = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";
            open.hangs = true;
            return open;
        }
        return answer(200, "");
    });
    const auto client = engine_at(scripted.endpoint());
    const auto launched = run(client->launch(plan(), ""));
    REQUIRE_FALSE(launched);
    CHECK(launched.error().message == "docker: no");
    CHECK(scripted.requests().back() == "DELETE /containers/c");
}

TEST_CASE_METHOD(DockerFixture, "an engine that goes away ends the wait at once, and no socket is one clear error")
{
    SECTION("while a sandbox runs")
    {
        ScriptedEngine scripted(
            context, [&](const std::string&) { return raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"); });
        const auto client = engine_at(scripted.endpoint());
        const auto ending = run(client->wait("c"));
        REQUIRE_FALSE(ending);
        CHECK(ending.error().code == Errc::unavailable);
    }
    SECTION("before")
    {
        const auto client = engine_at(*sbx::docker::parse_host("unix:///nowhere/docker.sock", nullptr));
        const auto listed = run(client->list("a"));
        REQUIRE_FALSE(listed);
        CHECK(listed.error().code == Errc::unavailable);
        CHECK(listed.error().message.find("/nowhere/docker.sock") != std::string::npos);
        CHECK_FALSE(listed.error().hint.empty());
    }
}

TEST_CASE_METHOD(DockerFixture, "a launch cancelled at any moment leaves nothing")
{
    fill_agent_volume();
    for (int delay = 0; delay < 120; delay += 4) {
        auto launched = run_cancelled(engine->launch(plan(), "echo\n"), std::chrono::milliseconds(delay));
        if (!launched) CHECK(launched.error().code == Errc::cancelled);
    }
    CHECK(is_clean());
}

TEST_CASE_METHOD(DockerFixture, "filling a volume cancelled at any moment leaves no container")
{
    const std::string agent = test::stand_in_agent();
    std::vector<sbx::VolumeFile> files(1);
    files.front().path = "agent";
    files.front().bytes = agent;
    for (int delay = 0; delay < 120; delay += 8) {
        const auto filled = run_cancelled(engine->fill_volume(volume, labels, files, base_image, true),
                                          std::chrono::milliseconds(delay));
        if (!filled) CHECK(filled.error().code == Errc::cancelled);
    }
    CHECK(is_clean());
}
