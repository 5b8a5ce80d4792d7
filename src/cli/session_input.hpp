#pragma once

#include "cli/session_loop.hpp"
#include "core/sandbox/program_io.hpp"

#include <memory>
#include <string>

namespace sbx::cli {

/// stdin, read while the loop goes on.
class SessionInput {
   public:
    enum class Got { byte, end, interrupted };

    /// @param streams  read from nowhere else; outlives this
    SessionInput(SessionLoop& loop, ProgramIo& streams);
    ~SessionInput();
    SessionInput(const SessionInput&) = delete;
    SessionInput& operator=(const SessionInput&) = delete;

    /// Waits for the next byte and takes it.
    Got take(char& byte);
    /// Waits for it, and leaves it where it is.
    Got peek(char& byte);
    /// Whether something waits to be read.
    bool is_waiting() const;
    /// Forgets what was read and not taken.
    void drop();

   private:
    /// A read may outlive whoever waited for it: Ctrl-C ends only the waiting.
    struct State {
        std::string bytes;
        std::size_t next = 0;  ///< of them
        bool is_reading = false;
        bool is_over = false;
    };

    static asio::awaitable<void> fill(std::shared_ptr<State> state, ProgramIo& streams);

    SessionLoop& loop_;
    ProgramIo& streams_;
    std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace sbx::cli
