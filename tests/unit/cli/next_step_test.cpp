#include "cli/next_step.hpp"

#include "catch.hpp"
#include "core/docker/container_config.hpp"
#include "core/whole_file.hpp"
#include "temp_directory.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <set>

using namespace sbx;

TEST_CASE("a file that a program misses and that is here gets a flag")
{
    const test::TempDirectory temp;
    for (const char* name :
         {"neighbour.py", "package/deep.py", "data.csv", "part.h", "part.js", "lib/own.lua", "Own/Part.pm"})
        REQUIRE(write_whole_file(temp.path() / name, ""));
    const auto [words, name] = GENERATE(table<const char*, const char*>({
        {"ModuleNotFoundError: No module named 'neighbour'\n", "neighbour.py"},
        {"ModuleNotFoundError: No module named 'package.deep'\n", "package/deep.py"},
        {"FileNotFoundError: [Errno 2] No such file or directory: 'data.csv'\n", "data.csv"},
        {"Error: Cannot find module './part'\n", "part.js"},
        {"lua: main.lua:1: module 'lib.own' not found:\n\tno field", "lib/own.lua"},
        {"Can't locate Own/Part.pm in @INC (you may need to install the Own::Part module)", "Own/Part.pm"},
        {"main.c:1:10: fatal error: part.h: No such file or directory\n", "part.h"},
    }));
    const auto step = cli::next_step(words, temp.path());
    REQUIRE(step);
    CHECK(step->ends_with(std::string("--file ") + (temp.path() / name).native() + ":" + name));
}

TEST_CASE("a file that is not here gets no hint")
{
    const test::TempDirectory temp;
    CHECK_FALSE(cli::next_step("ModuleNotFoundError: No module named 'numpy'\n", temp.path()));
    CHECK_FALSE(cli::next_step("Segmentation fault\n", temp.path()));
}

namespace {

NetworkAttempt refused(const char* host, std::uint16_t port, const char* reason = "not allowed")
{
    NetworkAttempt attempt;
    attempt.host = host;
    attempt.port = port;
    attempt.verdict = Verdict::refused;
    attempt.reason = reason;
    return attempt;
}

}  // namespace

TEST_CASE("a host that a program may not reach gets the flag that lets it")
{
    const std::vector<NetworkAttempt> attempts{refused("first.example", 0), refused("last.example", 0)};
    const auto [words, step] = GENERATE(table<const char*, const char*>({
        {"socket.gaierror: [Errno -2] Name or service not known\n",
         "last.example is not allowed: try --allow last.example"},
        {"curl: (6) Could not resolve host: first.example\n",
         "first.example is not allowed: try --allow first.example"},
        {"Error: getaddrinfo ENOTFOUND first.example\n", "first.example is not allowed: try --allow first.example"},
    }));
    CHECK(cli::next_step(words, attempts, "--allow") == step);
    CHECK(cli::next_step("HTTP Error 403: Forbidden", {refused("a.example", 8'080)}, "sbx allow build") ==
          "a.example:8080 is not allowed: try sbx allow build a.example:8080");
}

TEST_CASE("an address that is refused is explained, and one that was tried directly")
{
    const auto words = GENERATE(
        "Connection reset by peer\n", "curl: (7) Failed to connect to a.example port 443 after 9 ms\n",
        "psql: error: connection to server at \"a.example\" (127.83.0.1) failed: server closed the connection\n",
        "Error: socket hang up\n", "TypeError: fetch failed\n", "Error: read ECONNRESET\n");
    CHECK(cli::next_step(words, {refused("a.example", 80, "a.example is at 10.0.0.1, a private address")}, "--allow") ==
          "a.example is at 10.0.0.1, a private address; egress.permit in the operator's settings opens it");
    CHECK(cli::next_step("OSError: [Errno 101] Network is unreachable\n", std::vector<NetworkAttempt>(), "--allow")
              ->starts_with("an address is reached only through the proxies"));
}

TEST_CASE("a failure that has nothing to do with names gets no hint, whatever was tried")
{
    CHECK_FALSE(cli::next_step("ZeroDivisionError\n", {refused("a.example", 0)}, "--allow"));
    CHECK_FALSE(cli::next_step("Connection refused\n", {refused("a.example", 0)}, "--allow"));
    CHECK_FALSE(cli::next_step("Name or service not known\n", {refused("a\\x0a", 0)}, "--allow"));
    CHECK_FALSE(cli::next_step("Name or service not known\n", std::vector<NetworkAttempt>(), "--allow"));
}

TEST_CASE("a call that is not permitted is named")
{
    const auto [words, call] = GENERATE(table<const char*, const char*>({
        {"unshare: unshare failed: Operation not permitted\n", "unshare"},
        {"mount: /mnt: must be superuser to use mount.\n       dmesg(1) may have more information.\n", "mount"},
        {"  File \"a.py\", line 1, in <module>\n    os.chroot('/')\nPermissionError: [Errno 1] Operation not "
         "permitted\n",
         "chroot"},
        {"strace: ptrace(PTRACE_TRACEME, ...): Operation not permitted", "ptrace"},
    }));
    CHECK(cli::next_step(words, "") == fmt::format("the system call {} is refused in every sandbox", call));
}

TEST_CASE("what is not permitted for another reason gets no hint")
{
    for (const char* words : {"unshare\nx\nchown: changing ownership of 'a': Operation not permitted\n",
                              "Operation not permitted", "remount: Operation not permitted", "unshare: no\n", ""})
        CHECK_FALSE(cli::next_step(words, ""));
}

TEST_CASE("every call that a hint names is one that the filter does not let through")
{
    const std::string option = docker::container_config({}, false)["HostConfig"]["SecurityOpt"][1];
    const auto profile = nlohmann::json::parse(option.substr(std::string_view("seccomp=").size()));
    for (const auto& rule : profile["syscalls"]) {
        if (rule["action"] != "SCMP_ACT_ALLOW") continue;
        const auto allowed = rule["names"].get<std::set<std::string, std::less<>>>();
        for (const std::string_view call : cli::refused_calls()) CHECK(allowed.count(call) == 0);
    }
}
