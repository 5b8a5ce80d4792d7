#include "core/net/attempts.hpp"

#include "catch.hpp"

using namespace sbx;

TEST_CASE("attempts with the same end are counted together")
{
    Attempts attempts;
    attempts.change(attempts.add("a.example", 80, Verdict::allowed)).sent_bytes += 3;
    attempts.change(attempts.add("a.example", 80, Verdict::allowed)).sent_bytes += 4;
    attempts.add("a.example", 80, Verdict::failed, "nobody answers");
    REQUIRE(attempts.all().size() == 2);
    CHECK(attempts.all()[0].count == 2);
    CHECK(attempts.all()[0].sent_bytes == 7);
    CHECK(attempts.all()[1].verdict == Verdict::failed);
    CHECK(attempts.version() == 5);
}

TEST_CASE("whatever is tried, the list has an end")
{
    Attempts attempts;
    for (int i = 0; i < 10'000; ++i)
        attempts.add("host" + std::to_string(i), 80, i % 2 == 0 ? Verdict::refused : Verdict::allowed);
    CHECK(attempts.all().size() <= Attempts::most_places + 3);
    const NetworkAttempt& rest = attempts.all().back();
    CHECK(rest.host == "*");
    CHECK(rest.count > 4'000);
}

TEST_CASE("a host of hostile bytes is safe to print, and no longer than a name")
{
    Attempts attempts;
    attempts.add("a\n\x1b[31m\xff b", 1, Verdict::refused);
    attempts.add(std::string(100'000, 'x'), 1, Verdict::refused);
    CHECK(attempts.all()[0].host == "a\\x0a\\x1b[31m\\xff\\x20b");
    CHECK(attempts.all()[1].host.size() == 255);
}

TEST_CASE("what was tried since then is what was not counted then")
{
    Attempts attempts;
    attempts.change(attempts.add("a.example", 80, Verdict::allowed)).sent_bytes += 3;
    attempts.change(attempts.add("b.example", 80, Verdict::allowed)).received_bytes += 3;
    const std::vector<NetworkAttempt> before = attempts.all();
    CHECK(attempts_since(before, attempts.all()).empty());
    attempts.change(1).received_bytes += 4;  // of a connection that was there before
    attempts.change(attempts.add("a.example", 80, Verdict::allowed)).sent_bytes += 5;
    attempts.add("a.example", 80, Verdict::refused, "not allowed");
    const std::vector<NetworkAttempt> since = attempts_since(before, attempts.all());
    REQUIRE(since.size() == 2);
    CHECK(since[0].count == 1);
    CHECK(since[0].sent_bytes == 5);
    CHECK(since[1].verdict == Verdict::refused);
}
