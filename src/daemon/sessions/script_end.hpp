#pragma once

#include "daemon/executions/task_io.hpp"
#include "sbx/execution.hpp"
#include "sbx/limits.hpp"

#include <span>
#include <string>
#include <string_view>

namespace sbx::daemon {

/// What code came to, as a script's end. The texts are bytes of the program's, and lines of ours.
struct ScriptEnd {
    std::string output;
    std::string errors;  ///< tracebacks and our own lines too
    int exit_code = 0;

    bool operator==(const ScriptEnd&) const = default;
};

/// Keeps what code writes as far as an answer holds it: the beginning of each stream.
class ScriptOutput : public OutputReader {
   public:
    static constexpr std::size_t kept_bytes = std::size_t{1} << 20;  ///< of each stream

    boost::asio::awaitable<Result<void>> on_output(OutputStream stream, std::span<const char> bytes) override;
    void add(OutputStream stream, std::string_view bytes);

    /// Whole characters only where it was cut.
    std::string text(OutputStream stream) const;
    bool is_cut(OutputStream stream) const { return kept(stream).is_cut; }

   private:
    struct Kept {
        std::string bytes;
        bool is_cut = false;
    };
    const Kept& kept(OutputStream stream) const { return stream == OutputStream::out ? output_ : errors_; }

    Kept output_;
    Kept errors_;
};

/// Says at the end of the errors which streams were cut.
void add_cuts(std::string& errors, bool is_output_cut, bool is_errors_cut);

/// Why code was ended, in one sentence; empty where it ended by itself.
/// @param limits  `wall_ms` is the phase's own
std::string reason_line(const Execution& execution, const Limits& limits);

/// What became of the interpreter of a session.
struct InterpreterFate {
    bool was_lost = false;   ///< before this code: it runs in a new one
    bool has_ended = false;  ///< with this code
};

/// The end of code that ran, with the lines that say why it was ended.
/// @param limits  `wall_ms` is the phase's own
ScriptEnd script_end(const ScriptOutput& output, const Execution& execution, const Limits& limits,
                     InterpreterFate fate);

}  // namespace sbx::daemon
