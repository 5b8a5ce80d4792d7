#include "core/docker/tar.hpp"
#include "docker_fixture.hpp"
#include "registry.hpp"
#include "temp_directory.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <set>

using namespace std::chrono_literals;
using sbx::Errc;
using sbx::PullPolicy;
using test::DockerFixture;

namespace {

namespace fs = std::filesystem;

std::string tar_of(const std::string& path, const std::string& bytes)
{
    std::vector<sbx::docker::TarEntry> entries(1);
    entries.front().path = path;
    entries.front().bytes = bytes;
    const auto tar = sbx::docker::write_tar(entries);
    REQUIRE(tar);
    return *tar;
}

/// An image of one small file, in the engine and removed with the test.
void import_small(DockerFixture& fixture, const std::string& reference)
{
    const test::TempDirectory directory;
    const fs::path file = directory.path() / "root.tar";
    std::ofstream(file, std::ios::binary) << tar_of("hello", reference);
    REQUIRE(fixture.run(fixture.engine->import_image(file.string(), reference)));
    fixture.images_to_remove.push_back(reference);
}

/// Docker's own client pushes, as ours has no need to.
void push(const std::string& reference, const fs::path& config_directory)
{
    const std::string command =
        fmt::format("docker --config {} push {} >/dev/null 2>&1", config_directory.string(), reference);
    REQUIRE(std::system(command.c_str()) == 0);
}

void write_file(const fs::path& path, const std::string& text)
{
    std::ofstream(path) << text;
}

// "tester:secret"
std::string config_with_password(const std::string& host)
{
    return R"({"auths": {")" + host + R"(": {"auth": "dGVzdGVyOnNlY3JldA=="}}})";
}

}  // namespace

TEST_CASE_METHOD(DockerFixture, "an image is imported, listed, tagged, inspected and removed")
{
    const std::string name = "sbx-test/import";
    import_small(*this, name + ":1");
    REQUIRE(run(engine->tag_image(name + ":1", name + ":2")));
    images_to_remove.push_back(name + ":2");

    const auto first = run(engine->image(name + ":1"));
    const auto second = run(engine->image(name + ":2"));
    REQUIRE(first);
    REQUIRE(second);
    CHECK(first->id == second->id);
    CHECK(first->os == "linux");
    CHECK(first->volumes.empty());
    const auto all = run(engine->images());
    REQUIRE(all);
    const auto listed =
        std::find_if(all->begin(), all->end(), [&](const auto& image) { return image.id == first->id; });
    REQUIRE(listed != all->end());
    CHECK(listed->tags.size() == 2);

    REQUIRE(run(engine->remove_image(name + ":1")));
    CHECK(run(engine->image(name + ":1")).error().code == Errc::not_found);
    CHECK(run(engine->image(name + ":2")));
    CHECK(run(engine->import_image("/nowhere.tar", name + ":3")).error().code == Errc::not_found);
}

TEST_CASE_METHOD(DockerFixture, "an image is built with its arguments, and a failing step is the error")
{
    const std::string tag = "sbx-test/build:1";
    images_to_remove.push_back(tag);
    std::vector<std::string> lines;
    const auto note = [&](const sbx::Progress& step) { lines.push_back(step.status); };
    std::map<std::string, std::string> arguments;
    arguments.emplace("WORD", "hello");
    SECTION("whole")
    {
        const std::string context_tar = tar_of(
            "Dockerfile", fmt::format("FROM {}\nARG WORD\nENV SAID=$WORD\nVOLUME /data\nLABEL a=b\n", base_image));
        REQUIRE(run(engine->build(context_tar, tag, arguments, note)));
        const auto image = run(engine->image(tag));
        REQUIRE(image);
        CHECK(std::find(image->env.begin(), image->env.end(), "SAID=hello") != image->env.end());
        CHECK(image->volumes == std::vector<std::string>{"/data"});
        CHECK(image->labels.at("a") == "b");
        CHECK(std::any_of(lines.begin(), lines.end(), [](const auto& line) { return line.starts_with("Step 1/5"); }));
    }
    SECTION("failing")
    {
        const std::string context_tar = tar_of("Dockerfile", fmt::format("FROM {}\nRUN exit 7\n", base_image));
        const auto built = run(engine->build(context_tar, tag, arguments, note));
        REQUIRE_FALSE(built);
        CHECK(built.error().message.find("returned a non-zero code: 7") != std::string::npos);
    }
    SECTION("without a Dockerfile")
    {
        const auto built = run(engine->build(tar_of("other", ""), tag, arguments, note));
        REQUIRE_FALSE(built);
        CHECK(built.error().message.find("Dockerfile") != std::string::npos);
    }
}

TEST_CASE_METHOD(DockerFixture, "an image is pulled from a registry, with progress, when it is missing")
{
    const test::Registry registry(false);
    const test::TempDirectory config;
    const std::string reference = registry.host() + "/small:1";
    import_small(*this, reference);
    push(reference, config.path());
    REQUIRE(run(engine->remove_image(reference)));

    CHECK(run(engine->prepare(reference, PullPolicy::never, {})).error().code == Errc::image_unavailable);
    std::vector<std::string> steps;
    const auto pulled = run(engine->prepare(reference, PullPolicy::missing,
                                            [&](const sbx::Progress& step) { steps.push_back(step.status); }));
    REQUIRE(pulled);
    CHECK(pulled->repo_digests.size() == 1);
    CHECK(std::find(steps.begin(), steps.end(), "Pull complete") != steps.end());
    CHECK(run(engine->prepare(reference, PullPolicy::never, {})));

    const auto by_digest = run(engine->pull(pulled->repo_digests.front(), {}));
    CHECK(by_digest);
    const auto unknown = run(engine->pull(registry.host() + "/small:2", {}));
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().code == Errc::image_unavailable);
    CHECK(unknown.error().message.find("small:2") != std::string::npos);
}

TEST_CASE_METHOD(DockerFixture, "a registry that can't be reached makes an image unavailable")
{
    const auto pulled = run(engine->pull("localhost:1/small:1", {}));
    REQUIRE_FALSE(pulled);
    CHECK(pulled.error().code == Errc::image_unavailable);
    CHECK(pulled.error().message.find("localhost:1") != std::string::npos);
}

TEST_CASE_METHOD(DockerFixture, "credentials come from Docker's config file or from the helper it names")
{
    const test::Registry registry(true);
    const test::TempDirectory config;
    const std::string reference = registry.host() + "/private:1";
    import_small(*this, reference);
    write_file(config.path() / "config.json", config_with_password(registry.host()));
    push(reference, config.path());
    REQUIRE(run(engine->remove_image(reference)));
    const auto login = engine_at(test::local_endpoint(), config.path());

    SECTION("of the file")
    {
        CHECK(run(login->pull(reference, {})));
    }
    SECTION("of a helper")
    {
        const fs::path helper = config.path() / "docker-credential-sbxtest";
        write_file(helper, "#!/bin/sh\n[ \"$1\" = get ] && [ \"$(cat)\" = " + registry.host() +
                               " ] && echo '{\"Username\":\"tester\",\"Secret\":\"secret\"}'\n");
        fs::permissions(helper, fs::perms::owner_all);
        const std::string path_before = std::getenv("PATH");
        ::setenv("PATH", (config.path().string() + ":" + path_before).c_str(), 1);
        write_file(config.path() / "config.json", R"({"credsStore": "sbxtest"})");
        const auto pulled = run(login->pull(reference, {}));
        ::setenv("PATH", path_before.c_str(), 1);
        CHECK(pulled);
    }
    SECTION("of a helper that does not even read, and that inherits no connection of ours")
    {
        const fs::path helper = config.path() / "docker-credential-sbxspy";
        const fs::path seen = config.path() / "seen";
        write_file(helper, "#!/bin/sh\nfor fd in /proc/$$/fd/*; do readlink $fd; done > " + seen.string() +
                               "\necho '{\"Username\":\"tester\",\"Secret\":\"secret\"}'\n");
        fs::permissions(helper, fs::perms::owner_all);
        const std::string path_before = std::getenv("PATH");
        ::setenv("PATH", (config.path().string() + ":" + path_before).c_str(), 1);
        write_file(config.path() / "config.json", R"({"credsStore": "sbxspy"})");
        REQUIRE(run(login->images()));  // so that there is a connection
        const auto pulled = run(login->pull(reference, {}));
        ::setenv("PATH", path_before.c_str(), 1);
        CHECK(pulled);
        std::ifstream in(seen);
        std::set<std::string> sockets;
        for (std::string line; std::getline(in, line);)
            if (line.starts_with("socket:")) sockets.insert(line);
        CHECK(sockets.size() == 1);  // its own standard streams
    }
    SECTION("of nowhere: the hint says how to get some")
    {
        write_file(config.path() / "config.json", "{}");
        const auto pulled = run(login->pull(reference, {}));
        REQUIRE_FALSE(pulled);
        CHECK(pulled.error().code == Errc::image_unavailable);
        CHECK(pulled.error().hint == "docker login " + registry.host());
    }
    SECTION("of a helper that is not installed")
    {
        write_file(config.path() / "config.json", R"({"credsStore": "sbx-not-installed"})");
        const auto pulled = run(login->pull(reference, {}));
        REQUIRE_FALSE(pulled);
        CHECK(pulled.error().message.find("docker-credential-sbx-not-installed") != std::string::npos);
        CHECK(pulled.error().hint.find("config.json") != std::string::npos);
    }
}
