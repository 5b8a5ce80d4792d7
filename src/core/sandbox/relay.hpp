#pragma once

#include "core/sandbox/agent_link.hpp"
#include "core/sandbox/turns.hpp"

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace sbx {

/// What a client may ask of the keeper itself.
class KeptLife {
   public:
    virtual ~KeptLife() = default;

    /// The sandbox ends so much later than now.
    /// @param asked  its programs had been asked to end before: it ends as soon as none runs
    virtual void live_for(std::chrono::milliseconds length, bool asked) = 0;
    /// It ends now.
    /// @param asked  its programs had been asked to end before
    virtual void end_now(bool asked) = 0;
    /// What its programs may reach is changed.
    /// @error what EgressList::change gives, or it cannot be written down; nothing has changed then
    virtual Result<void> change_egress(const wire::ChangeEgress& change) = 0;
    /// A client's program has ended, and its client is about to hear of it.
    virtual void program_ended() = 0;
};

/// One client of a keeper: it speaks the wire as if to the agent itself, and shares the agent with the other clients.
/// Its operations are issued anew under the keeper's own stream numbers, what the agent says of them goes back under
/// the client's. Windows pass end to end, so that no more is held here than a window for each channel. Greeting, claim,
/// ping and turns are answered here; `lease` and `shutdown` are wishes about the sandbox's life. No I/O.
class Relay : private wire::FrameSink {
   public:
    /// @param agent, life, turns  outlive this
    /// @param token               what a claim must show
    Relay(AgentLink& agent, KeptLife& life, Turns& turns, std::string token);
    /// Gives up all that the client has under way, its turns too.
    ~Relay() override;
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;

    /// Takes bytes from the client.
    /// @return why the client must be given up, or nullptr
    const char* feed(std::span<const char> bytes);

    bool has_outgoing() const { return !outgoing_.empty(); }
    /// Everything to be written to the client since the last call, in place of what `bytes` holds. Its memory is used
    /// for what comes next.
    void take_outgoing(std::string& bytes)
    {
        bytes.clear();
        bytes.swap(outgoing_);
    }
    /// The client asked for answers that have no window, and does not read them.
    bool is_overfull() const;

    bool is_claimed() const { return claimed_; }
    /// How many programs of this client run.
    std::size_t programs() const;

   private:
    class Stream;

    const char* on_control(const wire::Header& header, std::string_view json) override;
    const char* on_bytes(const wire::Header& header, std::span<const char> piece) override;
    const char* on_connection(const wire::Header& header, std::string_view json);
    const char* on_hello(std::string_view json);
    const char* on_open(const wire::Header& header, std::string_view json);
    const char* on_claim(wire::StreamId client, std::string_view json);
    const char* on_change_egress(wire::StreamId client, std::string_view json);
    const char* on_turn(wire::StreamId client, std::string_view json);
    void go_on(wire::StreamId client, const wire::Turn& turn);
    const char* on_place(const wire::Header& header, std::string_view json);
    bool has_room() const;
    const char* on_stream(Stream& stream, const wire::Header& header, std::string_view json);
    template <class Message>
    const char* reissue(const wire::Header& header, std::string_view json,
                        wire::StreamId (wire::Owner::*operation)(const Message&));
    void remember_end(wire::StreamId client, wire::StreamId agent);
    template <class Message>
    void send(wire::Type type, wire::StreamId client, const Message& message, std::uint8_t channel = 0);
    template <class List, class Item>
    void send_list(wire::Type type, wire::StreamId client, std::span<const Item> items);
    void fail(wire::StreamId client, wire::FailureCode code, std::string_view message);

    AgentLink& agent_;
    KeptLife& life_;
    Turns& turns_;
    std::uint64_t taker_;  ///< this client's number among those who take turns
    std::string token_;
    wire::Decoder decoder_{wire::Direction::to_agent};
    std::string outgoing_;
    std::map<wire::StreamId, std::unique_ptr<Stream>> streams_;  ///< by the client's number
    std::map<wire::StreamId, std::unique_ptr<Turns::Place>> places_;
    std::deque<std::pair<wire::StreamId, wire::StreamId>> ended_;  ///< client's and keeper's, for a later `after`
    wire::StreamId last_opened_ = 0;
    bool greeted_ = false;
    bool claimed_ = false;
    bool asked_programs_ = false;
};

}  // namespace sbx
