#include "catch.hpp"

#include "daemon/events/event_feed.hpp"

#include <boost/asio/io_context.hpp>

namespace {

using namespace sbx::daemon;

/// What a reader is told until there is nothing more: types, and "missed".
std::vector<std::string> told(EventFeed::Reader& reader)
{
    std::vector<std::string> types;
    for (;;) {
        if (reader.skip_missed()) types.emplace_back("missed");
        const FeedEvent* const event = reader.next();
        if (event == nullptr) return types;
        types.push_back(event->type);
    }
}

struct Feed {
    Feed() : feed(context.get_executor()) {}
    void publish(const std::string& type, const std::string& owner = "") { feed.publish(type, owner, {{"id", "x"}}); }

    asio::io_context context;
    EventFeed feed;
};

const Caller operator_of_all{.key = "", .is_operator = true};
using Types = std::vector<std::string>;

TEST_CASE("a reader hears of what comes after it")
{
    Feed of;
    of.publish("a.b");
    const auto reader = of.feed.read(operator_of_all, "");
    CHECK(told(**reader).empty());
    of.publish("c.d");
    of.publish("e.f");
    CHECK(told(**reader) == Types{"c.d", "e.f"});
    CHECK(told(**reader).empty());
}

TEST_CASE("an event says what happened to what, and its id continues")
{
    Feed of;
    const auto reader = of.feed.read(operator_of_all, "");
    of.feed.publish("sandbox.ended", "k\"1", {{"id", "s\"1"}});
    const FeedEvent* const event = (*reader)->next();
    REQUIRE(event != nullptr);
    const auto data = nlohmann::json::parse(event->data);
    CHECK(data["type"] == "sandbox.ended");
    CHECK(data["key"] == "k\"1");
    CHECK(data["sandbox"]["id"] == "s\"1");
    CHECK(data["id"] == event->id);
    CHECK((*reader)->last_id() == event->id);
    of.publish("a.b");
    const auto again = of.feed.read(operator_of_all, event->id);
    CHECK(told(**again) == Types{"a.b"});
}

TEST_CASE("a key hears of its own events only")
{
    Feed of;
    const auto reader = of.feed.read({.key = "k1"}, "");
    of.publish("a.a", "k1");
    of.publish("b.b", "k2");
    of.publish("c.c", "k1");
    CHECK(told(**reader) == Types{"a.a", "c.c"});
    CHECK((*reader)->last_id().ends_with("-2"));  // which tells nothing of others
}

TEST_CASE("nobody's events push out those of another")
{
    Feed of;
    const auto quiet = of.feed.read({.key = "k1"}, "");
    const auto all = of.feed.read(operator_of_all, "");
    of.publish("a.a", "k1");
    for (int number = 0; number < 2000; ++number) of.publish("b.b", "k2");
    CHECK(told(**quiet) == Types{"a.a"});
    CHECK(told(**all).size() == 1025);
}

TEST_CASE("a reader that falls behind is told that some were missed")
{
    Feed of;
    const auto reader = of.feed.read(operator_of_all, "");
    for (int number = 0; number < 1025; ++number) of.publish(fmt::format("n.{}", number));
    const Types all = told(**reader);
    REQUIRE(all.size() == 1025);
    CHECK(all[0] == "missed");
    CHECK(all[1] == "n.1");
    CHECK(all.back() == "n.1024");
}

TEST_CASE("an id of nobody's begins with what is kept, and says that some were missed")
{
    Feed of;
    of.publish("a.b");
    std::string last = (*of.feed.read(operator_of_all, ""))->last_id();
    const std::string boot = last.substr(0, last.find('-') + 1);
    for (const std::string& id : {std::string("x"), std::string("-"), boot, boot + "2", boot + "-1", boot + "1 ",
                                  boot + "18446744073709551616", boot + "18446744073709551615"}) {
        INFO(id);
        const auto reader = of.feed.read(operator_of_all, id);
        CHECK(told(**reader) == Types{"missed", "a.b"});
    }
    CHECK(told(**of.feed.read(operator_of_all, boot + "0")) == Types{"a.b"});
    CHECK(told(**of.feed.read(operator_of_all, boot + "1")).empty());
}

TEST_CASE("readers are bounded by key and in all")
{
    Feed of;
    std::vector<std::unique_ptr<EventFeed::Reader>> readers;
    for (int number = 0; number < 16; ++number) readers.push_back(*of.feed.read({.key = "k"}, ""));
    CHECK(of.feed.read({.key = "k"}, "").error().code == sbx::Errc::resource_exhausted);
    readers.pop_back();
    readers.push_back(*of.feed.read({.key = "k"}, ""));
    while (readers.size() < 128) readers.push_back(*of.feed.read(operator_of_all, ""));
    CHECK(of.feed.read({.key = "other"}, "").error().code == sbx::Errc::resource_exhausted);
    CHECK(of.feed.read(operator_of_all, "").error().code == sbx::Errc::resource_exhausted);
}

}  // namespace
