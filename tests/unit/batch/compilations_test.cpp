#include "core/batch/compilations.hpp"

#include "catch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

using namespace sbx;
using namespace sbx::batch;

namespace {

/// Takes turns on a loop that runs only as far as nothing has to be waited for.
struct Loop {
    asio::io_context io{1};
    Compilations compilations{io.get_executor(), 11'000};

    std::shared_ptr<std::optional<Compilations::Turn>> take(const std::string& key)
    {
        auto turn = std::make_shared<std::optional<Compilations::Turn>>();
        asio::co_spawn(io, compilations.take(key),
                       [turn](const std::exception_ptr&, Compilations::Turn value) { *turn = std::move(value); });
        poll();
        return turn;
    }
    void poll()
    {
        io.restart();
        io.poll();
    }
};

}  // namespace

TEST_CASE("one compiles, the others wait for what it makes")
{
    Loop loop;
    CHECK(loop.take("a")->value().compiles);
    const auto second = loop.take("a");
    CHECK_FALSE(second->has_value());
    CHECK(loop.take("b")->value().compiles);
    loop.compilations.made("a", "product");
    loop.poll();
    REQUIRE(second->has_value());
    CHECK(*second->value().product == "product");
    loop.compilations.gave_up("a");  // after it was made this changes nothing
    CHECK(*loop.take("a")->value().product == "product");
}

TEST_CASE("what does not compile is told to all, and after a loss the next one tries")
{
    Loop loop;
    loop.take("a");
    RunResult result;
    result.explanation = "no";
    loop.compilations.failed("a", result);
    CHECK(loop.take("a")->value().failure->explanation == "no");
    loop.take("b");
    const auto next = loop.take("b");
    loop.compilations.gave_up("b");
    loop.poll();
    CHECK(next->value().compiles);
}

TEST_CASE("products that nobody used for long make room")
{
    Loop loop;
    for (const char* key : {"a", "b"}) {
        loop.take(key);
        loop.compilations.made(key, std::string(4'000, 'x'));
    }
    CHECK(loop.take("a")->value().product);
    loop.take("c");
    loop.compilations.made("c", std::string(4'000, 'x'));
    CHECK(loop.take("a")->value().product);
    CHECK(loop.take("b")->value().compiles);
}

TEST_CASE("a compilation is named by all that it depends on")
{
    RunRequest request;
    CHECK(compilation_key(request).empty());
    request.compile = {"cc", "main.c"};
    request.files.push_back({.target = "/work/main.c", .content = std::string("int main;")});
    const std::string key = compilation_key(request);
    RunRequest other = request;
    other.command = {"other"};
    CHECK(compilation_key(other) == key);
    other.environment.emplace_back("A", "1");
    CHECK(compilation_key(other) != key);
    other = request;
    other.files[0].content = std::string("int main, x;");
    CHECK(compilation_key(other) != key);
    other = request;
    other.limits.memory_bytes /= 2;
    CHECK(compilation_key(other) != key);
}
