#include "core/lang/image_choice.hpp"
#include "catch.hpp"
#include "sbx/own_image.hpp"

using sbx::ImageCandidate;
using sbx::PullPolicy;

namespace {

const sbx::Language& python()
{
    return **sbx::find_language("python");
}

}  // namespace

TEST_CASE("our local image comes first, then the registry's, then the official one")
{
    const sbx::ImagePreference preference{.registry = "registry.example.org/sbx", .pull = PullPolicy::always};
    const std::string version(sbx::image_version());
    CHECK(sbx::image_candidates(python(), preference) ==
          std::vector<ImageCandidate>{{"sbx/python:" + version, PullPolicy::never},
                                      {"registry.example.org/sbx/python:" + version, PullPolicy::always},
                                      {"python:3.13-slim", PullPolicy::always}});
}

TEST_CASE("a language whose commands need what is in our image has no other")
{
    const std::string ours = "sbx/java:" + std::string(sbx::image_version());
    CHECK(sbx::image_candidates(**sbx::find_language("java"), {}) ==
          std::vector<ImageCandidate>{{ours, PullPolicy::never}});
}

TEST_CASE("a configured image is the only candidate")
{
    const sbx::ImagePreference preference{.configured = "mine:1", .pull = PullPolicy::never};
    CHECK(sbx::image_candidates(python(), preference) == std::vector<ImageCandidate>{{"mine:1", PullPolicy::never}});
}

TEST_CASE("the name of a richer image stands for ours alone, which no other registry has")
{
    sbx::ImagePreference preference{.configured = "python-data", .pull = PullPolicy::always};
    const std::string version(sbx::image_version());
    std::vector<ImageCandidate> expected{{"sbx/python-data:" + version, PullPolicy::never}};
    CHECK(sbx::image_candidates(python(), preference) == expected);
    preference.registry = "registry.example.org/sbx";
    expected.push_back({"registry.example.org/sbx/python-data:" + version, PullPolicy::always});
    CHECK(sbx::image_candidates(python(), preference) == expected);
    preference.configured = "python-data:1";
    CHECK(sbx::image_candidates(python(), preference).front().reference == "python-data:1");
}
