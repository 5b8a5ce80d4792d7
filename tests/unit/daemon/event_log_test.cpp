#include "catch.hpp"

#include "daemon/log/event_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>

using sbx::daemon::EventLog;
using sbx::daemon::log_line;
using sbx::daemon::LogLevel;

namespace {

nlohmann::json line_of(const nlohmann::ordered_json& fields)
{
    const std::string line = log_line(std::chrono::system_clock::time_point(), LogLevel::warn, "tried", fields);
    CHECK(line.back() == '\n');
    CHECK(line.size() <= 4096);
    for (const char c : line.substr(0, line.size() - 1)) CHECK((c >= 0x20 && c < 0x7F));
    return nlohmann::json::parse(line);
}

struct Pipe {
    Pipe() { REQUIRE(::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC) == 0); }
    ~Pipe()
    {
        for (const int end : ends) ::close(end);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;

    std::string read() const
    {
        std::string text(1 << 17, '\0');
        const auto n = ::read(ends[0], text.data(), text.size());
        text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
        return text;
    }

    std::array<int, 2> ends{};
};

}  // namespace

TEST_CASE("a line is one JSON object of plain ASCII, whatever it tells of")
{
    const auto line = line_of({{"text", "a\n\x1b[31m\u2028\xff \"b\""}, {"count", 3}});
    CHECK(line["event"] == "tried");
    CHECK(line["level"] == "warn");
    CHECK(line["count"] == 3);
}

TEST_CASE("long fields and long lines are cut")
{
    CHECK(line_of({{"text", std::string(10'000, 'x')}})["text"].get<std::string>().size() == 2048);
    nlohmann::ordered_json many;
    for (int i = 0; i < 1000; ++i) many["field" + std::to_string(i)] = "value";
    CHECK(line_of(many).size() < 1000);
}

TEST_CASE("a log that nobody reads stops nothing")
{
    const Pipe pipe;
    EventLog log(pipe.ends[1]);
    for (int i = 0; i < 10'000; ++i)
        log.write(LogLevel::info, "event" + std::to_string(i), {{"x", std::string(500, 'x')}});
    CHECK_FALSE(pipe.read().empty());
}

TEST_CASE("what is less than the lowest level is not written")
{
    const Pipe pipe;
    EventLog log(pipe.ends[1], LogLevel::warn);
    log.write(LogLevel::info, "usual", {});
    log.write(LogLevel::warn, "unusual", {});
    log.write(LogLevel::error, "wrong", {});
    const std::string text = pipe.read();
    CHECK(std::count(text.begin(), text.end(), '\n') == 2);
    CHECK(text.find("usual\"") == text.find("unusual\"") + 2);
}

TEST_CASE("of what repeats a hundred a second are told, and how many were not")
{
    const Pipe pipe;
    EventLog log(pipe.ends[1]);
    for (int i = 0; i < 150; ++i) log.write(LogLevel::info, "flood", {});
    const std::string text = pipe.read();
    const auto lines = std::count(text.begin(), text.end(), '\n');
    CHECK(lines >= 100);
    CHECK(lines < 150);
}
