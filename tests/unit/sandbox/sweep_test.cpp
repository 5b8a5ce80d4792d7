#include "core/sandbox/sweep.hpp"

#include "catch.hpp"
#include "fake_engine.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

using namespace std::chrono_literals;
using sbx::find_orphans;
using sbx::Orphan;
using sbx::SandboxInfo;

namespace {

const std::chrono::system_clock::time_point now(1'800'000'000s);

SandboxInfo sandbox(const std::string& state, std::chrono::seconds age, const std::string& expires)
{
    SandboxInfo info;
    info.id = "x";
    info.state = state;
    info.created = now - age;
    info.labels = {{"sbx.sandbox", "s"}, {"sbx.expires", expires}};
    return info;
}

/// Holds three orphans, the first of which it can't remove.
class StubbornEngine : public test::FakeEngine {
   public:
    Answer<std::vector<SandboxInfo>> list(std::string /*label*/) override
    {
        std::vector<SandboxInfo> orphans(3, sandbox("running", 10s, "0"));
        for (std::size_t i = 0; i < orphans.size(); ++i) orphans[i].id = std::to_string(i);
        co_return orphans;
    }
    Answer<void> remove(std::string id) override
    {
        asked.push_back(id);
        if (id == "0") co_return sbx::Error(sbx::Errc::internal, "device busy");
        co_return sbx::Result<void>();
    }

    std::vector<std::string> asked;
};

}  // namespace

TEST_CASE("a sandbox without an owner is an orphan, and the cause is named")
{
    const auto [state, age, expires, cause] =
        GENERATE(table<std::string, std::chrono::seconds, std::string, std::string>({
            {"running", 10s, "1799999999", "past its end"},
            {"created", 61s, "1800009999", "never started"},
            {"exited", 61s, "1800009999", "ended and not removed"},
            {"dead", 61s, "1800009999", "ended and not removed"},
            {"paused", 10s, "0", "past its end"},
        }));
    CHECK(find_orphans({sandbox(state, age, expires)}, now) == std::vector<Orphan>{{"x", cause}});
}

TEST_CASE("a sandbox that lives or is about to is left alone")
{
    const auto [state, age, expires] = GENERATE(table<std::string, std::chrono::seconds, std::string>({
        {"running", 3600s, "1800000001"},
        {"created", 59s, "1800009999"},
        {"created", -100s, "1800009999"},
        {"exited", 5s, "1800009999"},
        {"running", 3600s, "banana"},
        {"running", 3600s, ""},
        {"running", 3600s, "99999999999999999999"},
        {"running", 3600s, "9223372036854775807"},
    }));
    CHECK(find_orphans({sandbox(state, age, expires)}, now).empty());
}

TEST_CASE("a container without our labels is never named")
{
    SandboxInfo foreign = sandbox("created", 3600s, "1");
    foreign.labels.erase("sbx.sandbox");
    CHECK(find_orphans({foreign}, now).empty());
}

TEST_CASE("an orphan that the engine cannot remove does not keep the others")
{
    StubbornEngine engine;
    boost::asio::io_context context;
    sbx::Result<std::vector<Orphan>> swept = std::vector<Orphan>();
    boost::asio::co_spawn(context, sbx::sweep(engine),
                          [&](std::exception_ptr, sbx::Result<std::vector<Orphan>> result) { swept = result; });
    context.run();
    CHECK(engine.asked == std::vector<std::string>{"0", "1", "2"});
    REQUIRE_FALSE(swept);
    CHECK(swept.error().message == "device busy");
}
