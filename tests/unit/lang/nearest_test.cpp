#include "core/nearest.hpp"
#include "catch.hpp"

#include <array>

namespace {
constexpr std::array<std::string_view, 4> candidates{"run", "version", "completion", "config"};
}

TEST_CASE("a slip of a word finds the word")
{
    const auto [typed, meant] = GENERATE(table<std::string, std::string>({
        {"rnu", "run"},
        {"ru", "run"},
        {"versoin", "version"},
        {"complete", ""},
        {"confg", "config"},
        {"banana", ""},
        {"", ""},
    }));
    CHECK(sbx::nearest(typed, candidates) == meant);
}

TEST_CASE("what is near nothing gets the other hint")
{
    CHECK(sbx::did_you_mean("rnu", candidates, "sbx --help") == "did you mean run?");
    CHECK(sbx::did_you_mean("banana", candidates, "sbx --help") == "sbx --help");
    CHECK(sbx::did_you_mean(std::string(10'000, 'x'), candidates, "sbx --help") == "sbx --help");
}
