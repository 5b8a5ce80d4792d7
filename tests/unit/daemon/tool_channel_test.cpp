#include "daemon/interpreter/tool_channel.hpp"

#include "catch.hpp"
#include "daemon/interpreter/tool_names.hpp"
#include "run_async.hpp"

#include <fmt/format.h>

using namespace sbx::daemon;
using sbx::Errc;

namespace asio = boost::asio;

namespace {

class Channel {
   public:
    void say(std::string_view text) { channel.on_report(text); }
    std::string read()
    {
        std::string bytes(1 << 16, '\0');
        const auto n = test::run_async(io_, channel.read(bytes));
        return bytes.substr(0, *n);
    }

   private:
    asio::io_context io_;

   public:
    ToolChannel channel{io_.get_executor(), {"add", "get-weather"}};
};

std::string call(int number, std::string_view name = "add")
{
    return fmt::format(R"({{"id":"call_{:03}","name":"{}","input":{{"x":{}}}}})"
                       "\n",
                       number, name, number);
}

ToolResult result(std::string id, nlohmann::json value)
{
    ToolResult made;
    made.call_id = std::move(id);
    made.result = std::move(value);
    return made;
}

}  // namespace

TEST_CASE("calls come in lines, however they are cut")
{
    Channel one;
    const std::string two = call(1) + call(2, "get-weather");
    for (const char c : two) one.say(std::string_view(&c, 1));
    REQUIRE(one.channel.pending().size() == 2);
    const auto calls = one.channel.take();
    CHECK(calls[0].id == "call_001");
    CHECK(calls[1].name == "get-weather");
    CHECK(calls[1].input == nlohmann::json{{"x", 2}});
    CHECK(one.channel.pending().empty());
    CHECK_FALSE(one.channel.fault());
}

TEST_CASE("results go back in lines, in any order")
{
    Channel one;
    one.say(call(1) + call(2));
    one.channel.take();
    REQUIRE(one.channel.answer({result("call_002", {{"a", "ü\n"}}), result("call_001", nullptr)}));
    CHECK(one.read() == R"({"call_id":"call_002","result":{"a":"ü\n"},"is_error":false,"error_message":""})"
                        "\n"
                        R"({"call_id":"call_001","result":null,"is_error":false,"error_message":""})"
                        "\n");
    one.channel.stop();
    CHECK(one.read().empty());
}

TEST_CASE("a call without a result is told of again; one that never was is refused")
{
    Channel one;
    one.say(call(1) + call(2));
    one.channel.take();
    CHECK(one.channel.answer({result("call_001", 1), result("call_009", 1)}).error().code == Errc::invalid_argument);
    REQUIRE(one.channel.answer({result("call_001", 1)}));
    REQUIRE(one.channel.pending().size() == 1);
    CHECK(one.channel.pending()[0].id == "call_002");
    REQUIRE(one.channel.answer({result("call_001", 2)}));  // again: it means nothing
}

TEST_CASE("what has not the form of a call ends the program")
{
    for (const std::string& text : {std::string("{}\n"), std::string("no\n"), std::string("[1]\n"), std::string("\n"),
                                    call(1) + call(1), std::string(R"({"id":"call_1","name":"add","input":{}})") + "\n",
                                    std::string(R"({"id":"call_001","name":1,"input":{}})") + "\n",
                                    std::string("\xFF\xFF\n"), std::string((5 << 20) + 1, 'x')}) {
        Channel one;
        one.say(text);
        CHECK(one.channel.fault() == "Execution failed or timed out");
        one.say(call(7));
        CHECK(one.channel.pending().size() <= 1);
    }
}

TEST_CASE("a tool that the client does not have is named")
{
    Channel one;
    one.say(call(1, "rm"));
    CHECK(one.channel.fault() == "Sandbox requested an unregistered tool: rm");
}

TEST_CASE("a tool's name becomes that of a function")
{
    CHECK(tool_function("get-weather", false) == "get_weather");
    CHECK(tool_function("my tool", false) == "my_tool");
    CHECK(tool_function("a.b$c", false) == "abc");
    CHECK(tool_function("a.b", true) == "a_b");
    CHECK(tool_function("2nd", false) == "_2nd");
    CHECK(tool_function("class", false) == "class_tool");
    CHECK(tool_function("class", true) == "class");
    CHECK(tool_function("done", true) == "done_tool");
    CHECK(tool_function("done", false) == "done");
    CHECK(tool_function("wörter", false) == "wrter");
}

TEST_CASE("tools whose functions have one name do not go together")
{
    CHECK(check_tools({"a", "b"}, false));
    CHECK(check_tools({}, false));
    CHECK(check_tools({"a-b", "a_b"}, false).error().code == Errc::invalid_argument);
    CHECK(check_tools({"a.b", "ab"}, false).error().code == Errc::invalid_argument);
    CHECK(check_tools({"a.b", "ab"}, true));
    CHECK(check_tools({"§"}, true).error().code == Errc::invalid_argument);
}
