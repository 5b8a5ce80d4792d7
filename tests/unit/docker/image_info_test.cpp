#include "core/docker/image_info.hpp"

#include "core/docker/time.hpp"

#include "catch.hpp"

TEST_CASE("an inspected image tells its architecture, environment and volumes")
{
    const auto json = nlohmann::json::parse(R"({
        "Id": "sha256:1", "RepoTags": ["a:1"], "RepoDigests": ["a@sha256:2"], "Created": "2026-01-02T03:04:05.5Z",
        "Architecture": "arm64", "Os": "linux", "Size": 7,
        "Config": {"Env": ["PATH=/bin"], "Volumes": {"/data": {}}, "Labels": {"k": "v"}}})");
    const auto image = sbx::docker::read_inspected_image(json);
    CHECK(image.id == "sha256:1");
    CHECK(image.tags == std::vector<std::string>{"a:1"});
    CHECK(image.repo_digests == std::vector<std::string>{"a@sha256:2"});
    CHECK(image.architecture == "arm64");
    CHECK(image.size_bytes == 7);
    CHECK(image.env == std::vector<std::string>{"PATH=/bin"});
    CHECK(image.volumes == std::vector<std::string>{"/data"});
    CHECK(image.labels.at("k") == "v");
    CHECK(image.created == sbx::docker::parse_time("2026-01-02T03:04:05.5Z"));
}

TEST_CASE("what an image does not have is empty")
{
    const auto image = sbx::docker::read_inspected_image(nlohmann::json::parse(
        R"({"Id": "sha256:1", "RepoTags": null, "Config": {"Env": null, "Volumes": null, "Labels": null}})"));
    CHECK(image.tags.empty());
    CHECK(image.env.empty());
    CHECK(image.volumes.empty());
}

TEST_CASE("a listed image without a name has no tags")
{
    const auto image = sbx::docker::read_listed_image(nlohmann::json::parse(
        R"({"Id": "sha256:1", "RepoTags": ["<none>:<none>"], "Labels": null, "Created": 10, "Size": 5})"));
    CHECK(image.tags.empty());
    CHECK(image.created == std::chrono::system_clock::from_time_t(10));
}
