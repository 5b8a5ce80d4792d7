#pragma once

#include "core/wire/owner.hpp"

namespace sbx::wire {

/// Checks each frame of the agent against the owner's state, changes that state and tells the events.
class Incoming : public FrameSink {
   public:
    Incoming(Owner& owner, Events& events, Owner::TimePoint now) : owner_(owner), events_(events), now_(now) {}

    const char* on_control(const Header& header, std::string_view json) override;
    const char* on_bytes(const Header& header, std::span<const char> piece) override;

   private:
    const char* on_hello(std::string_view json);
    const char* on_pong(std::string_view json);
    const char* on_proxy(const Header& header, std::string_view json);
    const char* on_name_refused(std::string_view json);
    const char* on_stream(const Header& header, Owner::Stream& stream, std::string_view json);
    const char* on_eof(const Header& header, Owner::Stream& stream, std::string_view json);
    const char* on_credit(const Header& header, Owner::Stream& stream, std::string_view json);
    const char* on_exit(StreamId id, const Owner::Stream& stream, std::string_view json);
    const char* on_reply(StreamId id, const Owner::Stream& stream, std::string_view json);
    const char* on_error(StreamId id, const Owner::Stream& stream, std::string_view json);
    const char* on_close(StreamId id, const Owner::Stream& stream, std::string_view json);
    const char* on_entries(StreamId id, Owner::Stream& stream, std::string_view json);
    const char* on_changed(StreamId id, Owner::Stream& stream, std::string_view json);
    const char* on_started(StreamId id, Owner::Stream& stream, std::string_view json);
    const char* on_process_list(StreamId id, Owner::Stream& stream, std::string_view json);
    const char* on_attached(StreamId id, Owner::Stream& stream, std::string_view json);
    const char* on_measured(StreamId id, Owner::Stream& stream, std::string_view json);
    const char* on_opened(StreamId id, Owner::Stream& stream, std::string_view json);
    const char* count_unsolicited();

    Owner& owner_;
    Events& events_;
    Owner::TimePoint now_;
};

}  // namespace sbx::wire
