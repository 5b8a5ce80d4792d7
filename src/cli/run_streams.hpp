#pragma once

#include "cli/standard_streams.hpp"

#include <nlohmann/json_fwd.hpp>

#include <array>
#include <string>

namespace sbx::cli {

/// `--json`: the output goes into the record alone.
class RecordedStreams : public StandardStreams {
   public:
    using StandardStreams::StandardStreams;

    boost::asio::awaitable<Result<void>> write(OutputStream stream, std::span<const char> bytes) override;
};

/// `--ndjson`: each piece of output becomes one line on stdout, at once.
class EventStreams : public StandardStreams {
   public:
    using StandardStreams::StandardStreams;

    boost::asio::awaitable<Result<void>> write(OutputStream stream, std::span<const char> bytes) override;
    void on_start(Phase phase) override;
    /// Writes an event of another kind, after the output that came before it.
    boost::asio::awaitable<Result<void>> tell(const nlohmann::ordered_json& event);
    /// Writes what a stream ended with, where that was no whole character.
    boost::asio::awaitable<Result<void>> finish();

   private:
    boost::asio::awaitable<Result<void>> write_output(OutputStream stream, std::string bytes);
    boost::asio::awaitable<Result<void>> write_started(std::string lines);

    std::array<std::string, 2> held_;  ///< the beginning of a character whose rest is still to come
    std::string starts_;               ///< start events that are still to be written, before anything else
};

}  // namespace sbx::cli
