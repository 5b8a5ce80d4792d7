#include "core/wire/owner.hpp"

#include "catch.hpp"
#include "core/wire/file_window.hpp"
#include "unit/wire/told.hpp"

#include <functional>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace sbx::wire;
using sbx::Errc;
using test::frame;
using test::Told;

namespace {

std::string data(StreamId stream, std::uint8_t channel, const std::string& payload)
{
    std::string bytes;
    append_frame(bytes, Type::data, channel, stream, payload);
    return bytes;
}

/// An owner past the greeting.
struct Greeted {
    Greeted()
    {
        owner.hello();
        feed(frame(Type::hello, 0, Hello{}));
        told.lines.clear();
    }
    /// @return the protocol error, or nothing
    std::string feed(const std::string& bytes)
    {
        const auto result = owner.feed(bytes, told, now);
        if (result) return "";
        CHECK(result.error().code == Errc::internal);
        CHECK(result.error().message.starts_with("agent: protocol error: "));
        return result.error().message.substr(23);
    }
    /// The frames sent since the last call, as "type stream/channel json".
    std::vector<std::string> sent()
    {
        struct : FrameSink {
            const char* on_control(const Header& header, std::string_view json) override
            {
                lines.push_back(std::to_string(static_cast<int>(header.type)) + " " + std::to_string(header.stream) +
                                "/" + std::to_string(header.channel) + " " + std::string(json));
                return nullptr;
            }
            const char* on_bytes(const Header& header, std::span<const char> piece) override
            {
                return on_control(header, {piece.data(), piece.size()});
            }
            std::vector<std::string> lines;
        } sink;
        CHECK(Decoder(Direction::to_agent).feed(owner.take_outgoing(), sink) == nullptr);
        return sink.lines;
    }

    Owner owner;
    Told told;
    Owner::TimePoint now{};
};

}  // namespace

TEST_CASE("streams are numbered oddly, upwards, each once")
{
    Owner owner;
    CHECK(owner.claim({}) == 1);
    CHECK(owner.spawn({}) == 3);
    CHECK(owner.tar_in({}) == 5);
}

TEST_CASE("everything for a run is written before anything is read")
{
    Owner owner;
    owner.hello();
    owner.claim({.token = "t", .one_shot = true});
    const StreamId tar = owner.tar_in({});
    owner.send(tar, std::string(100'000, 'x'));
    owner.eof(tar);
    owner.spawn({.after = tar, .argv = {"x"}});
    CHECK(owner.take_outgoing().size() > 100'000);
    CHECK_FALSE(owner.has_outgoing());
}

TEST_CASE("a program's life is told in order")
{
    Greeted g;
    const StreamId id = g.owner.spawn({.argv = {"x"}});
    CHECK(g.feed(data(id, 1, "out") + data(id, 2, "err") + frame(Type::exit, id, Exit{.code = 3})).empty());
    CHECK(g.told.lines == std::vector<std::string>{"data 1 1 out", "data 1 2 err", "exit 1 3"});
    CHECK_FALSE(g.owner.is_open(id));
}

TEST_CASE("what becomes files has a wider window")
{
    Greeted g;
    CHECK(g.owner.may_send(g.owner.tar_in({})) == file_window);
    CHECK(g.owner.may_send(g.owner.write({})) == file_window);
}

TEST_CASE("sending stops at the window and goes on with credit")
{
    Greeted g;
    const StreamId id = g.owner.spawn({.argv = {"x"}});
    CHECK(g.owner.may_send(id) == initial_window);
    g.owner.send(id, std::string(initial_window + 10, 'x'));
    CHECK(g.owner.may_send(id) == 0);
    CHECK(g.feed(frame(Type::credit, id, Credit{min_credit})).empty());
    CHECK(g.told.lines == std::vector<std::string>{"credit 1 0"});
    CHECK(g.owner.may_send(id) == min_credit);
    g.owner.eof(id);
    CHECK(g.owner.may_send(id) == 0);
    CHECK(g.feed(frame(Type::credit, id, Credit{min_credit})).empty());
    CHECK(g.told.lines.size() == 1);
}

TEST_CASE("credit is given back when half the window has been consumed")
{
    Greeted g;
    const StreamId id = g.owner.spawn({.argv = {"x"}, .window = 100});
    g.sent();
    CHECK(g.feed(data(id, 1, std::string(100, 'x'))).empty());
    g.owner.consumed(id, 1, 49);
    CHECK(g.sent().empty());
    g.owner.consumed(id, 1, 1);
    CHECK(g.sent() == std::vector<std::string>{R"(22 1/1 {"bytes":50})"});
    g.owner.consumed(id, 1, 1'000'000);
    CHECK(g.sent() == std::vector<std::string>{R"(22 1/1 {"bytes":50})"});
    CHECK(g.feed(data(id, 1, std::string(100, 'x'))).empty());
    CHECK(g.feed(data(id, 1, "x")) == "data beyond the window");
}

TEST_CASE("calls on a stream that has ended do nothing")
{
    Greeted g;
    const StreamId id = g.owner.spawn({.argv = {"x"}});
    CHECK(g.feed(data(id, 1, "x") + frame(Type::exit, id, Exit{})).empty());
    g.sent();
    g.owner.send(id, std::string("x"));
    g.owner.eof(id);
    g.owner.resize(id, {});
    g.owner.signal(id, 9);
    g.owner.close(id);
    g.owner.consumed(id, 1, 1);
    CHECK(g.sent().empty());
    CHECK(g.owner.may_send(id) == 0);
}

TEST_CASE("a detached program's number comes first, then its life")
{
    Greeted g;
    const StreamId first = g.owner.spawn({.argv = {"x"}, .detached = true});
    const StreamId second = g.owner.spawn({.argv = {"x"}, .detached = true});
    CHECK(g.feed(frame(Type::started, first, Started{7}) + data(first, 1, "out") + frame(Type::exit, first, Exit{}))
              .empty());
    CHECK(g.told.lines == std::vector<std::string>{"started 1 7", "data 1 1 out", "exit 1 0"});
    CHECK(g.feed(frame(Type::started, second, Started{7})) == "process number out of order");
}

TEST_CASE("a detached program that never ran is only an error")
{
    Greeted g;
    const StreamId id = g.owner.spawn({.argv = {"x"}, .detached = true});
    CHECK(g.feed(frame(Type::error, id, Failure{.message = "no"})).empty());
    CHECK(g.told.lines == std::vector<std::string>{"error 1 no"});
}

TEST_CASE("an attached process's channels are those that the agent tells")
{
    Greeted g;
    const StreamId id = g.owner.attach({.process = 7, .window = 10});
    CHECK(g.owner.may_send(id) == 0);
    CHECK(g.feed(frame(Type::attached, id, Attached{.process = 7, .input = false, .channels = {4}})).empty());
    CHECK(g.owner.may_send(id) == 0);
    CHECK(g.owner.may_send(id, 4) == initial_window);
    CHECK(g.feed(data(id, 1, "out") + data(id, 2, "err") + data(id, 4, "x") + frame(Type::exit, id, Exit{.code = 3}))
              .empty());
    CHECK(g.told.lines ==
          std::vector<std::string>{"attached 1 7", "data 1 1 out", "data 1 2 err", "data 1 4 x", "exit 1 3"});
}

TEST_CASE("a tail that is not followed takes no input and ends with its reply")
{
    Greeted g;
    const StreamId id = g.owner.attach({.process = 7, .follow = false});
    CHECK(g.feed(frame(Type::attached, id, Attached{.process = 7, .channels = {4}})).empty());
    CHECK(g.owner.may_send(id) == 0);
    CHECK(g.owner.may_send(id, 4) == 0);
    CHECK(g.feed(data(id, 1, "out") + frame(Type::reply, id, Reply{.bytes = 3})).empty());
    CHECK(g.told.lines == std::vector<std::string>{"attached 1 7", "data 1 1 out", "reply 1 3"});
}

TEST_CASE("processes are told in as many frames as they need")
{
    Greeted g;
    const StreamId id = g.owner.processes({});
    const std::string one = frame(Type::process_list, id, ProcessList{{ProcessInfo{.process = 1}}});
    CHECK(g.feed(one + one + frame(Type::reply, id, Reply{.entries = 2})).empty());
    CHECK(g.told.lines == std::vector<std::string>{"processes 1 1", "processes 1 1", "reply 1 0"});
}

TEST_CASE("changes stop at the window until they are consumed")
{
    Greeted g;
    const StreamId id = g.owner.watch({.path = "/work", .window = 2});
    const std::string change = frame(Type::changed, id, Changed{.path = "x"});
    CHECK(g.feed(frame(Type::opened, id, Nothing{}) + change + change).empty());
    g.sent();
    g.owner.consumed(id, Channel::input, 2);
    CHECK(g.sent() == std::vector<std::string>{R"(22 1/0 {"bytes":2})"});
    CHECK(g.feed(change + change).empty());
    CHECK(g.feed(change) == "changes beyond the window");
}

TEST_CASE("a sandbox is measured once for each question, and its figures are bounded")
{
    Greeted g;
    const StreamId id = g.owner.measure({});
    const std::string figures = frame(Type::measured, id, Measured{.memory_bytes = 5});
    CHECK(g.feed(figures).empty());
    CHECK(g.told.lines == std::vector<std::string>{"measured 1 5"});
    CHECK(g.feed(figures) == "unexpected measurement");

    constexpr std::uint64_t too_much = UINT64_MAX;
    const Measured unsound = GENERATE(Measured{.cpu_us = too_much}, Measured{.memory_bytes = too_much},
                                      Measured{.memory_peak_bytes = too_much}, Measured{.processes = too_much},
                                      Measured{.work_bytes = too_much}, Measured{.work_size_bytes = too_much},
                                      Measured{.tmp_bytes = too_much}, Measured{.tmp_size_bytes = too_much});
    Greeted other;
    CHECK(other.feed(frame(Type::measured, other.owner.measure({}), unsound)) == "unsound measurement");
}

TEST_CASE("a reset is one request and one reply")
{
    Greeted g;
    const StreamId id = g.owner.reset({.after = 3});
    CHECK(g.feed(frame(Type::reply, id, Reply{})).empty());
    CHECK(g.told.lines == std::vector<std::string>{"reply 1 0"});
    CHECK(g.feed(frame(Type::reply, id, Reply{})) == "frame for a stream that is not open");
}

TEST_CASE("an archive comes out as data, eof and reply")
{
    Greeted g;
    const StreamId id = g.owner.tar_out({});
    CHECK(g.feed(data(id, 0, "tar") + frame(Type::eof, id, Nothing{}) + frame(Type::reply, id, Reply{.bytes = 3}))
              .empty());
    CHECK(g.told.lines == std::vector<std::string>{"data 1 0 tar", "eof 1 0", "reply 1 3"});
}

TEST_CASE("a connection from inside is accepted or refused, once")
{
    Greeted g;
    CHECK(g.feed(frame(Type::proxy, 2, Proxy{"example.com", 443}) + frame(Type::proxy, 4, Proxy{"evil", 1})).empty());
    CHECK(g.told.lines == std::vector<std::string>{"proxy 2 example.com", "proxy 4 evil"});
    g.owner.accept(2);
    g.owner.refuse(4, {.code = FailureCode::denied, .message = "not allowed"});
    g.owner.accept(4);
    CHECK(g.sent().size() == 3);
    CHECK(g.owner.may_send(2) == initial_window);
    CHECK(g.feed(data(2, 0, "GET") + frame(Type::close, 4, Nothing{}) + frame(Type::close, 2, Nothing{})).empty());
    CHECK(g.told.lines.back() == "error 2 closed from inside");
    CHECK(g.feed(frame(Type::proxy, 4, Proxy{"again", 1})) == "stream number out of order");
}

TEST_CASE("names that lead nowhere are told")
{
    Greeted g;
    CHECK(g.feed(frame(Type::name_refused, 0, NameRefused{"a\xff"})).empty());
    CHECK(g.told.lines == std::vector<std::string>{"name_refused 0 a\xff"});
    for (int i = 1; i < 2'000; ++i) REQUIRE(g.feed(frame(Type::name_refused, 0, NameRefused{"h"})).empty());
    CHECK(g.feed(frame(Type::name_refused, 0, NameRefused{"h"})) == "too many frames that nobody asked for");
}

TEST_CASE("what an agent may not say ends the session for good")
{
    // Stream 1: a program without extra channels. 3: a listing of two. 5: an archive in. 7: an archive out. 9: a claim.
    // 11: a connection. 13: processes. 15: a detached program. 17: process 7, followed. 19: its tail. 21: a watch.
    const auto [bytes, why] = GENERATE(table<std::string, std::string>({
        {frame(Type::hello, 0, Hello{}), "unexpected hello"},
        {frame(Type::pong, 0, Ping{1}), "unexpected pong"},
        {frame(Type::exit, 27, Exit{}), "frame for a stream that is not open"},
        {frame(Type::exit, 2, Exit{}), "frame for a stream that is not open"},
        {frame(Type::exit, 1, Exit{}) + frame(Type::exit, 1, Exit{}), "frame for a stream that is not open"},
        {frame(Type::exit, 1, Exit{}) + data(1, 1, "late"), "data for a stream that is not open"},
        {frame(Type::reply, 9, Reply{}) + frame(Type::reply, 9, Reply{}), "frame for a stream that is not open"},
        {frame(Type::error, 9, Failure{}) + frame(Type::reply, 9, Reply{}), "frame for a stream that is not open"},
        {data(1, 0, "x"), "data on a channel that is not open"},
        {data(1, 3, "x"), "data on a channel that is not open"},
        {data(5, 0, "x"), "data on a channel that is not open"},
        {data(1, 1, std::string((1U << 20) - 1, 'x')) + data(1, 1, "xx"), "data beyond the window"},
        {frame(Type::exit, 3, Exit{}), "exit of what is no process"},
        {frame(Type::reply, 1, Reply{}), "unexpected reply"},
        {frame(Type::reply, 7, Reply{}), "reply before eof"},
        {frame(Type::eof, 1, Nothing{}, 1), "unexpected eof"},
        {frame(Type::eof, 5, Nothing{}), "unexpected eof"},
        {frame(Type::eof, 7, Nothing{}) + frame(Type::eof, 7, Nothing{}), "unexpected eof"},
        {frame(Type::eof, 7, Nothing{}) + data(7, 0, "x"), "data on a channel that is not open"},
        {frame(Type::entries, 1, Entries{{Entry{}}}), "unexpected entries"},
        {frame(Type::entries, 3, Entries{}), "unexpected entries"},
        {frame(Type::entries, 3, Entries{{Entry{}, Entry{}, Entry{}}}), "unexpected entries"},
        {frame(Type::entries, 3, Entries{{Entry{.path = std::string(4'097, 'x')}}}), "unsound entry"},
        {frame(Type::entries, 3, Entries{{Entry{.mode = 010000}}}), "unsound entry"},
        {frame(Type::changed, 1, Changed{}), "unexpected change"},
        {frame(Type::measured, 3, Measured{}), "unexpected measurement"},
        {frame(Type::opened, 1, Nothing{}), "unexpected opened"},
        {frame(Type::close, 1, Nothing{}), "unexpected close"},
        {data(11, 0, "x"), "data before opened"},
        {frame(Type::eof, 11, Nothing{}), "eof before opened"},
        {frame(Type::reply, 11, Reply{}), "reply before opened"},
        {frame(Type::opened, 11, Nothing{}) + frame(Type::reply, 11, Reply{}), "reply before eof"},
        {frame(Type::opened, 11, Nothing{}) + frame(Type::opened, 11, Nothing{}), "unexpected opened"},
        {frame(Type::started, 1, Started{1}), "unexpected start"},
        {frame(Type::started, 17, Started{1}), "unexpected start"},
        {frame(Type::started, 15, Started{0}), "process number out of order"},
        {frame(Type::started, 15, Started{UINT64_MAX}), "process number out of order"},
        {frame(Type::started, 15, Started{1}) + frame(Type::started, 15, Started{2}), "unexpected start"},
        {data(15, 1, "x"), "data before opened"},
        {frame(Type::exit, 15, Exit{}), "exit before started"},
        {frame(Type::process_list, 3, ProcessList{{ProcessInfo{.process = 1}}}), "unexpected processes"},
        {frame(Type::process_list, 13, ProcessList{}), "unexpected processes"},
        {frame(Type::process_list, 13, ProcessList{std::vector<ProcessInfo>(81, {.process = 1})}),
         "unexpected processes"},
        {frame(Type::process_list, 13, ProcessList{{ProcessInfo{}}}), "unsound process"},
        {frame(Type::process_list, 13, ProcessList{{{.process = 1, .argv = {std::string(4'097, 'x')}}}}),
         "unsound process"},
        {frame(Type::process_list, 13, ProcessList{{{.process = 1, .argv = std::vector<std::string>(65)}}}),
         "unsound process"},
        {frame(Type::process_list, 13, ProcessList{{{.process = 1, .start_ms = -1}}}), "unsound process"},
        {frame(Type::process_list, 13, ProcessList{{{.process = 1, .exit = {.code = 256}}}}), "unsound process"},
        {frame(Type::process_list, 13, ProcessList{{{.process = 1, .dropped_bytes = UINT64_MAX}}}), "unsound process"},
        {frame(Type::entries, 13, Entries{{Entry{}}}), "unexpected entries"},
        {frame(Type::attached, 15, Attached{.process = 7}), "unexpected attached"},
        {frame(Type::attached, 17, Attached{.process = 8}), "unsound attached"},
        {frame(Type::attached, 17, Attached{.process = 7, .channels = {2}}), "unsound attached"},
        {frame(Type::attached, 17, Attached{.process = 7, .channels = {16}}), "unsound attached"},
        {frame(Type::attached, 17, Attached{.process = 7, .channels = {3, 3}}), "unsound attached"},
        {frame(Type::attached, 17, Attached{.process = 7, .dropped_bytes = UINT64_MAX}), "unsound attached"},
        {frame(Type::attached, 17, Attached{.process = 7}) + frame(Type::attached, 17, Attached{.process = 7}),
         "unexpected attached"},
        {data(17, 1, "x"), "data before opened"},
        {frame(Type::exit, 17, Exit{}), "exit before started"},
        {frame(Type::attached, 17, Attached{.process = 7}) + data(17, 0, "x"), "data on a channel that is not open"},
        {frame(Type::attached, 17, Attached{.process = 7}) + data(17, 3, "x"), "data on a channel that is not open"},
        {frame(Type::attached, 17, Attached{.process = 7, .pty = true}) + data(17, 2, "x"),
         "data on a channel that is not open"},
        {frame(Type::attached, 17, Attached{.process = 7}) + data(17, 1, std::string((1U << 20) - 1, 'x')) +
             data(17, 1, "xx"),
         "data beyond the window"},
        {frame(Type::attached, 17, Attached{.process = 7}) + frame(Type::eof, 17, Nothing{}, 1), "unexpected eof"},
        {frame(Type::attached, 17, Attached{.process = 7}) + frame(Type::reply, 17, Reply{}), "unexpected reply"},
        {frame(Type::reply, 19, Reply{}), "reply before opened"},
        {frame(Type::attached, 19, Attached{.process = 7}) + frame(Type::exit, 19, Exit{}),
         "exit of what is no process"},
        {frame(Type::changed, 21, Changed{}), "change before opened"},
        {frame(Type::reply, 21, Reply{}), "reply before opened"},
        {frame(Type::opened, 21, Nothing{}) + frame(Type::changed, 21, Changed{}) +
             frame(Type::changed, 21, Changed{}) + frame(Type::changed, 21, Changed{}),
         "changes beyond the window"},
        {frame(Type::opened, 21, Nothing{}) + data(21, 0, "x"), "data on a channel that is not open"},
        {frame(Type::reply, 23, Reply{}), "reply before opened"},
        {frame(Type::opened, 23, Nothing{}) + frame(Type::opened, 23, Nothing{}), "unexpected opened"},
        {frame(Type::opened, 25, Nothing{}), "unexpected opened"},
        {frame(Type::opened, 23, Nothing{}) + data(23, 0, "x"), "data on a channel that is not open"},
        {frame(Type::opened, 21, Nothing{}) + frame(Type::eof, 21, Nothing{}), "unexpected eof"},
        {frame(Type::credit, 1, Credit{0}), "credit in too small pieces"},
        {frame(Type::credit, 1, Credit{1}), "credit in too small pieces"},
        {frame(Type::credit, 1, Credit{min_credit}), "credit for bytes that were not sent"},
        {frame(Type::credit, 1, Credit{min_credit}, 1), "credit for a channel that is not open"},
        {frame(Type::credit, 7, Credit{min_credit}), "credit for a channel that is not open"},
        {frame(Type::exit, 1, Exit{.code = 256}), "unsound exit"},
        {frame(Type::exit, 1, Exit{.signal = 65}), "unsound exit"},
        {frame(Type::exit, 1, Exit{.code = 1, .signal = 9}), "unsound exit"},
        {frame(Type::exit, 1, Exit{.wall_us = UINT64_MAX}), "unsound exit"},
        {frame(Type::exit, 1, Exit{.start_ms = -1}), "unsound exit"},
        {frame(Type::exit, 1, Exit{.peak_rss_bytes = UINT64_MAX}), "unsound exit"},
        {frame(Type::error, 1, Failure{.message = std::string(4'097, 'x')}), "error message too long"},
        {frame(Type::proxy, 3, Proxy{"h", 1}), "stream number out of order"},
        {frame(Type::name_refused, 0, NameRefused{""}), "unsound name"},
        {frame(Type::name_refused, 0, NameRefused{std::string(256, 'h')}), "unsound name"},
        {frame(Type::name_refused, 1, NameRefused{"h"}), "frame on the wrong stream"},
        {frame(Type::egress, 0, Egress{}), "frame in the wrong direction"},
        {frame(Type::change_egress, 1, ChangeEgress{}), "frame in the wrong direction"},
        {frame(Type::turn, 1, Turn{}), "frame in the wrong direction"},
        {frame(Type::proxy, 2, Proxy{"", 1}), "unsound proxy request"},
        {frame(Type::proxy, 2, Proxy{"h", 65'536}), "unsound proxy request"},
        {frame(Type::proxy, 2, Proxy{std::string(256, 'h'), 1}), "unsound proxy request"},
        {frame(Type::error, 1, Nothing{}) + frame(Type::ping, 0, Ping{}), "frame in the wrong direction"},
        {frame(Type::exit, 1, Ping{}), "not the message that its type says"},
        {frame(Type::exit, 1, Exit{}).replace(12, 1, "x"), "not JSON"},
    }));
    Greeted g;
    g.owner.spawn({.argv = {"x"}});
    g.owner.list({.max_entries = 2});
    g.owner.tar_in({});
    g.owner.tar_out({});
    g.owner.claim({});
    g.owner.connect({.port = 80});
    g.owner.processes({});
    g.owner.spawn({.argv = {"x"}, .detached = true});
    g.owner.attach({.process = 7});
    g.owner.attach({.process = 7, .follow = false});
    g.owner.watch({.path = "/work", .window = 2});
    g.owner.turn({.name = "k"});
    g.owner.turn({.name = "k", .attached = 17});
    CHECK(g.feed(bytes) == why);
    const auto told = g.told.lines.size();
    CHECK(g.feed(frame(Type::exit, 1, Exit{})) == why);
    CHECK(g.told.lines.size() == told);
}

TEST_CASE("nothing may come before the hello, nor a hello that nobody asked for")
{
    Owner owner;
    Told told;
    const StreamId id = owner.claim({});
    SECTION("a reply")
    {
        CHECK_FALSE(owner.feed(frame(Type::reply, id, Reply{}), told));
    }
    SECTION("data")
    {
        CHECK_FALSE(owner.feed(data(owner.spawn({}), 1, "x"), told));
    }
    SECTION("a hello")
    {
        CHECK_FALSE(owner.feed(frame(Type::hello, 0, Hello{}), told));
    }
    SECTION("another version")
    {
        owner.hello();
        CHECK_FALSE(owner.feed(frame(Type::hello, 0, Hello{.version = 2}), told));
    }
    CHECK(told.lines.empty());
}

TEST_CASE("frames that nobody asked for are counted by the second")
{
    Greeted g;
    StreamId id = 0;
    const auto ask_and_close = [&] {
        id += 2;
        return g.feed(frame(Type::proxy, id, Proxy{"h", 1}) + frame(Type::close, id, Nothing{}));
    };
    for (int i = 0; i < 2'000; ++i) REQUIRE(ask_and_close().empty());
    g.now += 1s;
    for (int i = 0; i < 2'000; ++i) REQUIRE(ask_and_close().empty());
    g.now += 999ms;
    CHECK(ask_and_close() == "too many frames that nobody asked for");
}

TEST_CASE("at most 64 connections from inside are open")
{
    Greeted g;
    for (StreamId id = 2; id <= 128; id += 2) REQUIRE(g.feed(frame(Type::proxy, id, Proxy{"h", 1})).empty());
    CHECK(g.feed(frame(Type::proxy, 130, Proxy{"h", 1})) == "too many proxy streams");
}

TEST_CASE("one ping is under way at a time and its pong must match")
{
    Greeted g;
    g.owner.ping(7);
    g.owner.ping(8);
    CHECK(g.sent().size() == 2);  // hello, one ping
    CHECK(g.feed(frame(Type::pong, 0, Ping{8})) == "unexpected pong");
}

TEST_CASE("events may call the owner while bytes are being fed")
{
    struct Answering : Events {
        explicit Answering(Owner& o) : owner(o) {}
        void on_exit(StreamId, const Exit&) override { next = owner.spawn({.argv = {"y"}}); }
        void on_data(StreamId id, std::uint8_t channel, std::span<const char> bytes) override
        {
            owner.consumed(id, channel, bytes.size());
            owner.close(id);
        }
        Owner& owner;
        StreamId next = 0;
    };
    Greeted g;
    const StreamId id = g.owner.spawn({.argv = {"x"}, .window = 10});
    Answering answering(g.owner);
    const std::string bytes = data(id, 1, std::string(10, 'x')) + data(id, 1, "y") + frame(Type::exit, id, Exit{});
    CHECK(g.owner.feed(bytes, answering));
    CHECK(g.owner.is_open(answering.next));
}

TEST_CASE("failures inside are errors outside, made safe to print")
{
    const auto [failure, code] = GENERATE(table<FailureCode, Errc>({
        {FailureCode::invalid, Errc::invalid_argument},
        {FailureCode::denied, Errc::permission_denied},
        {FailureCode::not_found, Errc::not_found},
        {FailureCode::not_executable, Errc::permission_denied},
        {FailureCode::no_directory, Errc::invalid_argument},
        {FailureCode::no_processes, Errc::resource_exhausted},
        {FailureCode::no_memory, Errc::resource_exhausted},
        {FailureCode::disk_full, Errc::resource_exhausted},
        {FailureCode::too_large, Errc::too_large},
        {FailureCode::exists, Errc::conflict},
        {FailureCode::cancelled, Errc::cancelled},
        {FailureCode::unsupported, Errc::not_implemented},
        {FailureCode::internal, Errc::internal},
    }));
    const sbx::Error error = to_error({.code = failure, .message = "a\x1b[2J\n\xff"});
    CHECK(error.code == code);
    CHECK(error.message == "a\\x1b[2J\\x0a\\xff");
}
