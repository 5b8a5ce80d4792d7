#pragma once

#include "cli/session_loop.hpp"
#include "core/sandbox/condition.hpp"
#include "core/sandbox/program_io.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

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
    /// Reads until `done` says true, which it is asked after each read and at `notify`; or to the end of input.
    asio::awaitable<void> wait(std::function<bool()> done, std::optional<Condition::TimePoint> until);
    void notify() { state_->changed.notify_all(); }
    /// Whether a whole line, or the end of input, has been read and not taken.
    bool has_line() const;
    /// Takes that line, with its end; nothing at the end of input, which at a terminal ends only this.
    std::string take_line();

    /// What was read and not taken.
    std::string_view unread() const { return std::string_view(state_->bytes).substr(state_->next); }
    void cut(std::size_t begin, std::size_t count) { state_->bytes.erase(state_->next + begin, count); }

    /// Whether something waits to be read.
    bool is_waiting() const;
    /// Forgets what was read and not taken.
    void drop();

   private:
    /// A read may outlive whoever waited for it: Ctrl-C ends only the waiting.
    struct State {
        explicit State(const asio::any_io_executor& executor) : changed(executor) {}

        Condition changed;
        std::string bytes;
        std::size_t next = 0;  ///< of them
        bool is_reading = false;
        bool is_over = false;
    };

    void start_reading();
    static asio::awaitable<void> fill(std::shared_ptr<State> state, ProgramIo& streams);

    SessionLoop& loop_;
    ProgramIo& streams_;
    std::shared_ptr<State> state_;
};

}  // namespace sbx::cli
