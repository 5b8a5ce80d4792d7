#include "core/sandbox/record_json.hpp"
#include "catch.hpp"
#include "sbx/utf8.hpp"

#include <nlohmann/json.hpp>

using namespace std::chrono_literals;
using nlohmann::ordered_json;
using sbx::record_json;

TEST_CASE("a record has every field in a fixed order, null where there is no value")
{
    CHECK(record_json(sbx::Execution()).dump() ==
          R"({"execution_id":"","exit_code":null,"signal":null,"origin":"program","phase":"run","reason":"exited",)"
          R"("stdout":"","stderr":"","truncated":false,"wall_ms":0,"cpu_ms":0,"peak_rss_bytes":0,"start_time":null,)"
          R"("end_time":null,"path":"cold","results":[],"files":[],"isolation":"default","image":null,)"
          R"("image_digest":null,"network":[],"reused":false})");
}

TEST_CASE("a record shows what happened")
{
    sbx::Execution execution;
    execution.exit_code = 137;
    execution.signal = 9;
    execution.origin = sbx::Origin::sbx;
    execution.phase = sbx::Phase::compile;
    execution.reason = sbx::Reason::oom;
    execution.wall_ms = 1234ms;
    execution.start_time = std::chrono::system_clock::time_point(1'700'000'000'007ms);
    execution.files = {{"a/é.txt", 3}};
    const ordered_json record = record_json(execution);
    CHECK(record["exit_code"] == 137);
    CHECK(record["signal"] == 9);
    CHECK(record["origin"] == "sbx");
    CHECK(record["phase"] == "compile");
    CHECK(record["reason"] == "oom");
    CHECK(record["wall_ms"] == 1234);
    CHECK(record["start_time"] == "2023-11-14T22:13:20.007Z");
    CHECK(record["files"] == ordered_json::parse(R"([{"path":"a/é.txt","size_bytes":3}])"));
}

TEST_CASE("output that is not UTF-8 comes as base64")
{
    sbx::Execution execution;
    execution.stdout_bytes = std::string("\xff\x00\x01", 3);
    execution.stderr_bytes = "é";
    const ordered_json record = record_json(execution);
    CHECK(record["stdout"] == nullptr);
    CHECK(record["stdout_base64"] == "/wAB");
    CHECK(record["stderr"] == "é");
    CHECK_FALSE(record.contains("stderr_base64"));
}

TEST_CASE("UTF-8 is well formed or it is not UTF-8")
{
    const std::string good = GENERATE("", "ascii\n", "é", "€", "\xed\x9f\xbf", "😀", "\xf4\x8f\xbf\xbf");
    CHECK(sbx::is_utf8(good));
    const std::string bad = GENERATE("\x80", "\xc0\xaf", "\xc3", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf0\x80\x80\xaf",
                                     "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xe2\x82", "\xff long tail");
    CHECK_FALSE(sbx::is_utf8(bad));
}
