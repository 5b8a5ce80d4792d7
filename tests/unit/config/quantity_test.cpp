#include "sbx/quantity.hpp"
#include "catch.hpp"

#include <limits>

using namespace std::chrono_literals;
using sbx::Errc;

TEST_CASE("a duration is a number with its unit, or several")
{
    const auto [text, expected] = GENERATE(table<std::string, std::chrono::milliseconds>({
        {"500ms", 500ms},
        {"30s", 30s},
        {"5m", 5min},
        {"2h", 2h},
        {"1d", 24h},
        {"1.5s", 1500ms},
        {"1m30s", 90s},
        {"30", 30s},
    }));
    const auto parsed = sbx::parse_duration("--timeout", text);
    REQUIRE(parsed);
    CHECK(*parsed == expected);
}

TEST_CASE("no limit is written none")
{
    CHECK(*sbx::parse_duration("--timeout", "none") == std::nullopt);
    CHECK(*sbx::parse_size("--max-output", "none") == std::nullopt);
}

TEST_CASE("what is no duration is refused and the flag is named")
{
    const std::string text = GENERATE("", "0", "0s", "-1", "-5s", "banana", "5 m", "5x", "1..5s", "s", "1e3", "+5s",
                                      "0.0001ms", "99999999999999999999d", "nan", "inf", "None");
    const auto parsed = sbx::parse_duration("--timeout", text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error() == sbx::Error(Errc::invalid_argument, "--timeout: '" + text + "' is not a duration above zero",
                                       "write it like 500ms, 30s, 5m or none"));
}

TEST_CASE("sizes are powers of 1024 in any spelling")
{
    const auto [text, expected] = GENERATE(table<std::string, std::uint64_t>({
        {"512k", 512ULL << 10},
        {"256m", 256ULL << 20},
        {"2g", 2ULL << 30},
        {"2G", 2ULL << 30},
        {"1.5GiB", 3ULL << 29},
        {"64MB", 64ULL << 20},
        {"1t", 1ULL << 40},
        {"4096", 4096},
        {"4096b", 4096},
    }));
    const auto parsed = sbx::parse_size("--memory", text);
    REQUIRE(parsed);
    CHECK(*parsed == expected);
}

TEST_CASE("what is no size is refused and the flag is named")
{
    const std::string text =
        GENERATE("", "0", "-1", "banana", "12q", "1 g", "1g1g", "0.1", "0x10", "18446744073709551616", "99999999t");
    const auto parsed = sbx::parse_size("--memory", text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == Errc::invalid_argument);
    CHECK(parsed.error().message == "--memory: '" + text + "' is not a size above zero");
}

TEST_CASE("cores may be parts of one")
{
    CHECK(*sbx::parse_cpus("--cpus", "1") == 1000);
    CHECK(*sbx::parse_cpus("--cpus", "0.5") == 500);
    CHECK(*sbx::parse_cpus("--cpus", "1.25") == 1250);
    const std::string text = GENERATE("0", "-1", "banana", "1c", "", "5000", "0.001");
    CHECK_FALSE(sbx::parse_cpus("--cpus", text));
}

TEST_CASE("a count is whole and in its range")
{
    CHECK(*sbx::parse_count("--pids", "128", 1000) == 128);
    const std::string text = GENERATE("0", "-1", "1.5", "banana", "1001", "", "99999999999999999999");
    CHECK_FALSE(sbx::parse_count("--pids", text, 1000));
}

TEST_CASE("amounts are shown as one would type them")
{
    CHECK(sbx::format_duration(10min) == "10m");
    CHECK(sbx::format_duration(90s) == "90s");
    CHECK(sbx::format_duration(1500ms) == "1500ms");
    CHECK(sbx::format_duration(std::nullopt) == "none");
    CHECK(sbx::format_size(512ULL << 20) == "512m");
    CHECK(sbx::format_size(1000) == "1000");
    CHECK(sbx::format_cpus(1500) == "1.5");
    CHECK(sbx::human_size(512ULL << 20) == "512 MiB");
    CHECK(sbx::human_size(3ULL << 29) == "1.5 GiB");
    CHECK(sbx::human_size(999) == "999 B");
}

TEST_CASE("what is shown parses back")
{
    const auto ms = GENERATE(1ms, 999ms, 1000ms, 61s, 3600s, 90000s);
    CHECK(*sbx::parse_duration("--timeout", sbx::format_duration(ms)) == ms);
}
