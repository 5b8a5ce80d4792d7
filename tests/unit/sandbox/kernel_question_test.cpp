#include "core/sandbox/kernel_question.hpp"

#include "catch.hpp"

#include <cstdint>
#include <string>
#include <vector>

using sbx::completeness_of;
using sbx::completions_of;
using sbx::parse_kernel_answer;
using sbx::variables_of;

TEST_CASE("answers to questions are read")
{
    const auto variables = parse_kernel_answer(
        R"({"type":"variables","id":"a","variables":[{"name":"x","type":"list","repr":"[1]","length":1,"more":2},)"
        R"({"name":"m","type":"array","repr":"…","shape":[2,3],"truncated":true}],"truncated":false})");
    REQUIRE(variables);
    const std::vector<sbx::KernelVariable> all = variables_of(*variables);
    REQUIRE(all.size() == 2);
    CHECK(all[0].name + all[0].type + all[0].value == "xlist[1]");
    CHECK(all[0].length == 1);
    CHECK_FALSE(all[0].shape);
    CHECK(all[1].shape == std::vector<std::uint64_t>{2, 3});
    CHECK(all[1].truncated);

    const auto matches = parse_kernel_answer(R"({"type":"completions","id":"a","matches":["xs"],"start":1,"end":2})");
    REQUIRE(matches);
    const sbx::KernelCompletions completions = completions_of(*matches);
    CHECK(completions.matches == std::vector<std::string>{"xs"});
    CHECK(completions.start + completions.end == 3);

    const auto status = parse_kernel_answer(R"({"type":"completeness","id":"a","status":"incomplete","indent":"  "})");
    REQUIRE(status);
    CHECK(completeness_of(*status).wants_more);
    CHECK(completeness_of(*status).indent == "  ");
}

TEST_CASE("an indentation presses no keys")
{
    const auto status = parse_kernel_answer(
        R"({"type":"completeness","id":"a","status":"incomplete","indent":"  \u001bx\rrm -r\r  "})");
    REQUIRE(status);
    CHECK(completeness_of(*status).indent == "  ");
}
