#pragma once

#include "daemon/metrics/metrics.hpp"
#include "daemon/sandboxes/sandboxes.hpp"
#include "daemon/sessions/script_end.hpp"
#include "daemon/sessions/session_libraries.hpp"
#include "sbx/language.hpp"

#include <memory>
#include <string>

namespace sbx::daemon {

/// Code that is to be run in a session.
struct SessionScript {
    std::shared_ptr<Living> living;
    const Language* language = nullptr;
    std::string code;
    SessionLibraries libraries;  ///< that the session has
    bool names_some = false;     ///< libraries: its kernel may be older than they are
    std::chrono::milliseconds compile_timeout{0};
    Caller caller;
};

/// Runs code as a script in the session's kernel, or, where its language has none, as a program of its own in the
/// session's sandbox. Its time limit is the sandbox's; so long it waits for its turn too.
/// @param exchange  whose client may go away: the code is interrupted then
/// @return what became of the code; failing, timing out and the interpreter's death are results, not errors
/// @error conflict   it did not come to its turn
/// @error not_found  the sandbox has ended
asio::awaitable<Result<ScriptEnd>> run_script(Exchange& exchange, const Sandboxes& sandboxes, Metrics& metrics,
                                              SessionScript script);

// The two ways.
asio::awaitable<Result<ScriptEnd>> run_in_kernel(Exchange& exchange, const Sandboxes& sandboxes, Metrics& metrics,
                                                 SessionScript script);
asio::awaitable<Result<ScriptEnd>> run_as_program(Exchange& exchange, const Sandboxes& sandboxes, Metrics& metrics,
                                                  SessionScript script);

/// What became of the code, or that its session went away under it.
/// @param limits  `wall_ms` is the phase's own
/// @error not_found
Result<ScriptEnd> end_in_session(const ScriptOutput& output, const Execution& execution, const Limits& limits,
                                 InterpreterFate fate);

/// Puts a file into the session's work directory, in place of one of that name.
asio::awaitable<Result<void>> put_work_file(std::shared_ptr<Living> living, std::string name, std::string content);

/// Whoever asks for a session that is not there, or not his, is told so.
Error no_such_session();
/// It did not come to its turn.
Error session_is_busy();

}  // namespace sbx::daemon
