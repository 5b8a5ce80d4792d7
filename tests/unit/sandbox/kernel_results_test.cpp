#include "core/sandbox/kernel_results.hpp"

#include "catch.hpp"

using nlohmann::ordered_json;
using sbx::KernelAnswer;
using sbx::KernelAnswerType;
using sbx::KernelResults;

namespace {

KernelAnswer shown(KernelAnswerType type, const std::string& text, const std::string& id = "")
{
    KernelAnswer answer;
    answer.type = type;
    answer.fields = {{"data", {{"text/plain", text}}}, {"metadata", ordered_json::object()}};
    if (!id.empty()) answer.fields["display_id"] = id;
    return answer;
}

std::string texts(const KernelResults& results)
{
    ordered_json record;
    results.complete(record);
    std::string all;
    for (const auto& each : record["results"]) all += each["data"]["text/plain"].get<std::string>();
    return all;
}

KernelAnswer clearing(bool wait)
{
    KernelAnswer answer;
    answer.type = KernelAnswerType::clear;
    answer.fields = {{"wait", wait}};
    return answer;
}

}  // namespace

TEST_CASE("an update stands where the display stood")
{
    KernelResults results;
    results.add(shown(KernelAnswerType::display, "a", "1"));
    results.add(shown(KernelAnswerType::display, "b"));
    results.add(shown(KernelAnswerType::display_update, "c", "1"));
    results.add(shown(KernelAnswerType::display_update, "d", "2"));
    results.add(shown(KernelAnswerType::result, "e"));
    CHECK(texts(results) == "cbe");
}

TEST_CASE("clearing may wait for the next display")
{
    KernelResults results;
    results.add(shown(KernelAnswerType::display, "a"));
    results.add(clearing(true));
    CHECK(texts(results) == "a");
    results.add(shown(KernelAnswerType::display, "b"));
    CHECK(texts(results) == "b");
    results.add(clearing(false));
    CHECK(texts(results).empty());
}

TEST_CASE("a record holds no more than it can")
{
    KernelResults results;
    KernelAnswer large = shown(KernelAnswerType::display, "a");
    large.bytes = std::size_t{60} << 20;
    results.add(large);
    results.add(large);
    ordered_json record;
    results.complete(record);
    CHECK(record["results"].size() == 1);
    CHECK(record["truncated"] == true);
    CHECK_FALSE(record.contains("error"));
}

TEST_CASE("a terminal is shown the text, or else the types")
{
    KernelAnswer answer = shown(KernelAnswerType::display, "a");
    CHECK(sbx::text_of(answer) == "a");
    answer.fields["data"] = {{"image/png", "AAAA"}, {"text/html", "<b>"}};
    CHECK(sbx::text_of(answer) == "<image/png> <text/html>");
}
