#include "core/docker/progress.hpp"

#include "catch.hpp"

using sbx::Errc;
using sbx::docker::ProgressReader;

TEST_CASE("progress arrives in whole steps, however the stream is cut")
{
    const std::string stream = R"({"status":"Pulling from a","id":"latest"})"
                               "\r\n"
                               R"({"status":"Downloading","progressDetail":{"current":1,"total":2},"id":"l1"})"
                               "\r\n"
                               R"({"stream":"Step 1/1 : FROM a\n"})"
                               "\r\n"
                               R"({"aux":{"ID":"sha256:1"}})";
    const std::size_t cut = GENERATE(1, 2, 3, 7, 1000);
    std::vector<sbx::Progress> steps;
    ProgressReader reader([&](const sbx::Progress& step) { steps.push_back(step); });
    for (std::size_t at = 0; at < stream.size(); at += cut) REQUIRE(reader.feed(stream.substr(at, cut)));
    REQUIRE(reader.finish());
    REQUIRE(steps.size() == 3);
    CHECK(steps[0].status == "Pulling from a");
    CHECK(steps[1].id == "l1");
    CHECK(steps[1].current == 1);
    CHECK(steps[1].total == 2);
    CHECK(steps[2].status == "Step 1/1 : FROM a");
}

TEST_CASE("a failure within the stream is a failure")
{
    ProgressReader reader{sbx::ProgressSink()};
    const auto fed =
        reader.feed("{\"errorDetail\":{\"message\":\"manifest unknown\"},\"error\":\"manifest unknown\"}\n");
    REQUIRE_FALSE(fed);
    CHECK(fed.error() == sbx::Error(Errc::internal, "docker: manifest unknown"));
}

TEST_CASE("a failure that is told only in detail is a failure")
{
    ProgressReader reader{sbx::ProgressSink()};
    const auto fed = reader.feed("{\"errorDetail\":{\"code\":1,\"message\":\"no \\u001bspace\"}}\n");
    REQUIRE_FALSE(fed);
    CHECK(fed.error() == sbx::Error(Errc::internal, "docker: no  space"));
}

TEST_CASE("a stream that is cut, garbled or one endless line is a failure")
{
    ProgressReader cut{sbx::ProgressSink()};
    REQUIRE(cut.feed("{\"status\":\"Down"));
    CHECK_FALSE(cut.finish());
    ProgressReader garbled{sbx::ProgressSink()};
    CHECK_FALSE(garbled.feed("\x01\x02\n"));
    ProgressReader wrong{sbx::ProgressSink()};
    CHECK_FALSE(wrong.feed("[1]\n"));
    ProgressReader endless{sbx::ProgressSink()};
    CHECK(endless.feed(std::string(2U << 20, ' ')).error().code == Errc::too_large);
}
