#pragma once

#include "core/docker/endpoint.hpp"

#include "temp_directory.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <functional>
#include <string>
#include <vector>

namespace test {

/// What a scripted engine does with one request.
struct Answer {
    std::string bytes;  ///< as they go onto the connection; empty with `hangs`: nothing ever
    bool closes = false;
    bool hangs = false;
};

/// An answer with a status, a body and a true length.
Answer answer(unsigned status, const std::string& body);

/// Plays an engine on a Unix socket, badly if it is told to. Lives on the test's own io_context.
class ScriptedEngine {
   public:
    /// `script` is asked for every request but `_ping`, with "METHOD /path" (no version, no query).
    using Script = std::function<Answer(const std::string& request)>;
    ScriptedEngine(boost::asio::io_context& context, Script script);

    sbx::docker::Endpoint endpoint() const;
    /// Requests in their order, `_ping` excluded.
    const std::vector<std::string>& requests() const { return requests_; }

    Answer ping;  ///< what `_ping` gets

   private:
    boost::asio::awaitable<void> accept();
    boost::asio::awaitable<void> serve(boost::asio::local::stream_protocol::socket socket);

    TempDirectory directory_;
    boost::asio::local::stream_protocol::acceptor acceptor_;
    Script script_;
    std::vector<std::string> requests_;
};

}  // namespace test
