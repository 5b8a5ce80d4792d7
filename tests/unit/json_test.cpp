#include "core/json.hpp"
#include "catch.hpp"
#include "sbx/limits.hpp"

using namespace std::chrono_literals;

TEST_CASE("a missing key keeps its default, null lifts an optional limit")
{
    const auto limits = sbx::parse_as<sbx::Limits>(R"({"pids":7,"wall_ms":null,"grace_ms":5})");
    REQUIRE(limits);
    CHECK(*limits == sbx::Limits{.wall_ms = std::nullopt, .grace_ms = 5ms, .pids = 7});
}

TEST_CASE("an unknown key is an error that names it")
{
    const auto limits = sbx::parse_as<sbx::Limits>(R"({"pid":7})");
    REQUIRE(!limits);
    CHECK(limits.error().code == sbx::Errc::invalid_argument);
    CHECK(limits.error().message.find("'pid'") != std::string::npos);
}

TEST_CASE("what is written is read back")
{
    const sbx::Limits limits{.cpu_ms = 3s, .millicpus = 250};
    CHECK(*sbx::parse_as<sbx::Limits>(nlohmann::json(limits).dump()) == limits);
}
