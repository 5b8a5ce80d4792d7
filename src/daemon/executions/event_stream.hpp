#pragma once

#include "daemon/api/route.hpp"
#include "daemon/executions/executions.hpp"

#include <array>
#include <optional>
#include <string>

namespace sbx::daemon {

enum class EventForm {
    ndjson,  ///< one JSON object a line
    sse,     ///< `event:` with its type, `data:` with the object
};

/// The form that the request's Accept asks for; nothing: one answer at the end.
std::optional<EventForm> wanted_events(const RequestHead& head);

/// An answer that tells of things as they happen. Output comes in whole characters.
/// @source HTML, "Server-sent events"; CLI.md, `--ndjson`
class EventStream : public OutputReader {
   public:
    /// @param exchange  outlives this; nothing was answered yet
    EventStream(Exchange& exchange, EventForm form)
        : exchange_(exchange), form_(form), changed_(exchange.gone().executor())
    {
    }

    /// Does `work`, and tells meanwhile of each phase as it begins: of a silent program's, too.
    asio::awaitable<void> during(asio::awaitable<void> work);
    /// Within `during`: the answer's head is not to wait for the first event.
    void begin();
    /// @error cancelled  the client has gone; so for all that follows
    asio::awaitable<Result<void>> tell(nlohmann::ordered_json event);
    /// The same for one that can be gone on from (Last-Event-ID).
    /// @param data  the whole object, its type and id included
    asio::awaitable<Result<void>> tell(std::string_view type, std::string_view id, std::string_view data);
    /// Writes what readers pass over, so that they and whatever is between see that the stream lives.
    asio::awaitable<Result<void>> keep_alive();
    asio::awaitable<Result<void>> on_output(OutputStream stream, std::span<const char> bytes) override;
    void on_start(Phase phase) override;
    /// Writes what the streams ended with, and the last events, and ends the answer.
    asio::awaitable<void> finish(std::vector<nlohmann::ordered_json> last);

    bool has_begun() const { return begun_; }

   private:
    asio::awaitable<void> tell_starts(const bool& over);
    asio::awaitable<Result<void>> write(std::string text);
    asio::awaitable<Result<void>> write_alone(std::string text);
    std::string rendered(const nlohmann::ordered_json& event) const;
    static nlohmann::ordered_json output_event(OutputStream stream, const std::string& bytes);

    Exchange& exchange_;
    EventForm form_;
    Condition changed_;
    bool begun_ = false;
    bool wants_head_ = false;  ///< before the first event
    bool writing_ = false;
    std::array<std::string, 2> held_;  ///< the beginning of a character whose rest is still to come
    std::string starts_;               ///< start events, written before anything else is
};

/// `attend` for a program in a sandbox that stays.
/// @param events  those of its phases are told; nullptr: there are none
asio::awaitable<Result<RunResult>> tell_during(Exchange& exchange, EventStream* events, RunningProgram& program,
                                               asio::awaitable<Result<RunResult>> work);

}  // namespace sbx::daemon
