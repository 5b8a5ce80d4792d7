#pragma once

#include "catch.hpp"
#include "core/sandbox/relay.hpp"
#include "unit/wire/told.hpp"

#include <boost/asio/io_context.hpp>

/// A keeper's clients, and the agent behind it, without any I/O.
namespace test {

struct Life : sbx::KeptLife {
    void live_for(std::chrono::milliseconds length, bool /*asked*/) override { lengths.push_back(length); }
    void end_now(bool asked) override { ends.push_back(asked); }
    sbx::Result<void> change_egress(const ChangeEgress& change) override
    {
        changes.push_back(change);
        if (change.allow.empty()) return sbx::Error(sbx::Errc::not_found, "b is not allowed");
        return {};
    }
    void program_ended() override { ++ended_programs; }

    std::vector<std::chrono::milliseconds> lengths;
    std::vector<bool> ends;
    std::vector<ChangeEgress> changes;
    int ended_programs = 0;
};

/// The frames in `bytes`, as "type stream/channel payload".
inline std::vector<std::string> frames(const std::string& bytes)
{
    struct : FrameSink {
        const char* on_control(const Header& header, std::string_view json) override
        {
            lines.push_back(std::to_string(static_cast<int>(header.type)) + " " + std::to_string(header.stream) + "/" +
                            std::to_string(header.channel) + " " + std::string(json));
            return nullptr;
        }
        const char* on_bytes(const Header& header, std::span<const char> piece) override
        {
            return on_control(header, {piece.data(), piece.size()});
        }
        std::vector<std::string> lines;
    } sink;
    CHECK(Decoder(Direction::to_agent).feed(bytes, sink) == nullptr);
    return sink.lines;
}

/// A keeper's link past its own greeting.
struct Kept {
    Kept() : link(io.get_executor(), sbx::AgentLink::Upkeep::watch)
    {
        link.owner().hello();
        link.owner().claim({.token = "t"});
        link.owner().take_outgoing();
        from_agent(frame(Type::hello, 0, Hello{}) + frame(Type::reply, 1, Reply{}));
    }
    void from_agent(const std::string& bytes) { CHECK(link.feed(bytes)); }
    std::vector<std::string> to_agent() { return frames(link.owner().take_outgoing()); }

    boost::asio::io_context io;
    sbx::AgentLink link;
    Life life;
    sbx::Turns turns;
};

/// A client that has claimed.
struct Client {
    explicit Client(Kept& kept, const std::string& token = "t")
        : relay(std::make_unique<sbx::Relay>(kept.link, kept.life, kept.turns, "t"))
    {
        owner.hello();
        owner.claim({.token = token});
        exchange();
    }
    /// Everything that is on its way to and fro arrives.
    std::vector<std::string> exchange()
    {
        CHECK(relay->feed(owner.take_outgoing()) == nullptr);
        std::string answers;
        relay->take_outgoing(answers);
        CHECK(owner.feed(answers, told));
        return std::exchange(told.lines, {});
    }

    Owner owner;
    Told told;
    std::unique_ptr<sbx::Relay> relay;
};

}  // namespace test
