#include "core/sandbox/kernel_answer.hpp"

#include "catch.hpp"

#include <fmt/format.h>

#include <string>

using sbx::KernelAnswerType;
using sbx::KernelLines;
using sbx::KernelStatus;
using sbx::parse_kernel_answer;

namespace {

std::string result(const std::string& mime, const std::string& value)
{
    return fmt::format(R"({{"type":"result","id":"a","data":{{"{}":{}}},"metadata":{{}}}})", mime, value);
}

std::string quoted(std::size_t size)
{
    return '"' + std::string(size, 'x') + '"';
}

}  // namespace

TEST_CASE("a result holds its values by type")
{
    const auto answer = parse_kernel_answer(
        R"({"type":"result","id":"a","data":{"text/plain":"1","application/json":{"b":[1]}},"metadata":{"c":1}})");
    REQUIRE(answer);
    CHECK(answer->type == KernelAnswerType::result);
    CHECK(answer->id == "a");
    CHECK(answer->fields["data"]["text/plain"] == "1");
    CHECK(answer->fields["data"]["application/json"]["b"][0] == 1);
    CHECK(answer->fields["metadata"]["c"] == 1);
    CHECK(answer->bytes > 80);
}

TEST_CASE("a done tells how the request ended")
{
    const auto ok = parse_kernel_answer(R"({"type":"done","id":"a","status":"ok","execution_count":1})");
    REQUIRE(ok);
    CHECK(ok->status == KernelStatus::ok);
    CHECK_FALSE(ok->exit_code);
    const auto failed =
        parse_kernel_answer(R"({"type":"done","id":null,"status":"error","execution_count":1,"exit_code":7})");
    REQUIRE(failed);
    CHECK(failed->status == KernelStatus::error);
    CHECK(failed->exit_code == 7);
    CHECK(failed->id.empty());
}

TEST_CASE("a done of code that has called exit tells what a script would leave behind")
{
    const auto left = parse_kernel_answer(
        R"({"type":"done","id":"a","status":"error","execution_count":1,"exit_code":1,"message":"bye"})");
    REQUIRE(left);
    CHECK(left->exit_code == 1);
    CHECK(left->message == "bye");
}

TEST_CASE("an answer holds nothing that does not belong to its type")
{
    const auto answer = parse_kernel_answer(
        R"({"type":"error","id":"a","name":"E","value":"v","traceback":"t","frames":[{"file":"f"}],"data":1,"x":2})");
    REQUIRE(answer);
    CHECK(answer->fields.dump() == R"({"name":"E","value":"v","traceback":"t","frames":[{"file":"f"}]})");
}

TEST_CASE("what is no answer is refused")
{
    const std::string line = GENERATE(
        as<std::string>{}, "", "{", "[]", "1", "{}", R"({"type":"result"})", R"({"type":"none","id":"a"})",
        R"({"type":1,"id":"a"})", R"({"type":"done","id":"a"})", R"({"type":"done","id":"a","status":"fine"})",
        R"({"type":"done","id":1,"status":"ok"})", R"({"type":"done","id":"a","status":"ok","exit_code":256})",
        R"({"type":"done","id":"a","status":"ok","exit_code":-1})",
        R"({"type":"done","id":"a","status":"error","exit_code":1,"message":2})",
        R"({"type":"result","id":"a","data":[]})", R"({"type":"result","id":"a","data":{"text/plain":1}})",
        R"({"type":"result","id":"a","data":{"plain":"1"}})", R"({"type":"result","id":"a","data":{"a/\u001b":"1"}})",
        R"({"type":"result","id":"a","data":{},"metadata":1})",
        R"({"type":"display","id":"a","data":{},"display_id":1})",
        R"({"type":"display","id":"a","data":{},"truncated":[1]})",
        R"({"type":"error","id":"a","name":"E","value":"v","traceback":"t","frames":[1]})",
        R"({"type":"error","id":"a","name":"E","value":"v","traceback":"t"})",
        R"({"type":"variables","id":"a","variables":[1]})",
        R"({"type":"variables","id":"a","variables":[{"name":"x","type":"int"}]})",
        R"({"type":"variables","id":"a","variables":[{"name":"x","type":"int","repr":"1","length":-1}]})",
        R"({"type":"variables","id":"a","variables":[{"name":"x","type":"int","repr":"1","shape":["a"]}]})",
        R"({"type":"completions","id":"a","matches":["x"],"start":0})",
        R"({"type":"completions","id":"a","matches":["x"],"start":-1,"end":0})",
        R"({"type":"completeness","id":"a","status":"complete","indent":1})",
        "{\"type\":\"done\",\"id\":\"\xff\",\"status\":\"ok\"}");
    CHECK_FALSE(parse_kernel_answer(line));
}

TEST_CASE("what is longer than its cap is refused")
{
    CHECK(parse_kernel_answer(result("text/plain", quoted(1U << 20))));
    CHECK_FALSE(parse_kernel_answer(result("text/plain", quoted((4U << 20) + 1))));
    CHECK(parse_kernel_answer(result("image/png", quoted(11U << 20))));
    CHECK_FALSE(parse_kernel_answer(result("image/png", quoted((12U << 20) + 1))));
    CHECK_FALSE(parse_kernel_answer(R"({"type":"done","status":"ok","id":)" + quoted(129) + "}"));
    std::string many = "1";
    for (int i = 0; i < 500; ++i) many += ",1";
    CHECK_FALSE(parse_kernel_answer(R"({"type":"completions","id":"a","matches":[)" + many + "]}"));
}

TEST_CASE("nesting that would overflow a stack is refused")
{
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    CHECK(parse_kernel_answer(result("application/json", nested(1000))));
    CHECK_FALSE(parse_kernel_answer(result("application/json", nested(1'000'000))));
    CHECK(parse_kernel_answer(result("text/plain", '"' + std::string(2000, '[') + "\\\"[" + '"')));
}

TEST_CASE("an object of very many keys is read in the time that its bytes take")
{
    std::string keys;
    for (int number = 0; number < 200'000; ++number)
        keys += fmt::format(R"({}"k{}":{})", number ? "," : "", number, number);
    const auto answer = parse_kernel_answer(result("application/json", "{" + keys + "}"));
    REQUIRE(answer);
    CHECK(answer->fields["data"]["application/json"].size() == 200'000);
}

TEST_CASE("lines come whole, however their bytes come")
{
    KernelLines lines;
    const std::string bytes = "one\n\ntwo\nthr";
    for (const char c : bytes) lines.feed({&c, 1});
    CHECK(lines.next() == "one");
    CHECK(lines.next() == "");
    CHECK(lines.next() == "two");
    CHECK_FALSE(lines.next());
    lines.feed(std::string("ee\n"));
    CHECK(lines.next() == "three");
    CHECK_FALSE(lines.next());
}

TEST_CASE("a line without an end is overlong at last")
{
    KernelLines lines;
    const std::string piece(1U << 20, 'x');
    for (int i = 0; i < 34; ++i) lines.feed(piece);
    CHECK_FALSE(lines.next());
    CHECK_FALSE(lines.is_overlong());
    lines.feed(piece);
    CHECK(lines.is_overlong());
}
