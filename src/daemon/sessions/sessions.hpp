#pragma once

#include "daemon/executions/executions.hpp"
#include "daemon/sandboxes/sandboxes.hpp"
#include "daemon/sessions/script_end.hpp"
#include "daemon/sessions/session_libraries.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace sbx::daemon {

/// A session that a caller wants.
struct SessionOrder {
    std::string language = "python";  ///< or one of its aliases
    bool keep_template = false;       ///< means nothing here: its label has it
};

/// Code that a caller wants to be run, in a session or by itself.
struct ScriptOrder {
    std::string code;
    std::string language = "python";  ///< of code by itself: a session has its own
    std::vector<std::string> libraries;
};

struct SessionBounds {
    std::chrono::milliseconds execution = std::chrono::seconds(30);
    std::chrono::milliseconds life = std::chrono::hours(24);
    std::chrono::milliseconds idle = std::chrono::hours(1);
};

/// What sessions are made of.
struct SessionServices {
    Sandboxes& sandboxes;
    Executions& executions;
    Metrics& metrics;
    const Settings& settings;
    LibraryInstaller& libraries;
};

/// The sessions of the dialects proxy and app, which are the same: sandboxes whose name is a UUID, with one kernel
/// each.
class Sessions {
   public:
    Sessions(SessionServices services, SessionBounds bounds) : services_(services), bounds_(bounds) {}

    /// @param dialect  "proxy" or "app"
    /// @return its id
    /// @error what Sandboxes::create gives
    asio::awaitable<Result<std::string>> create(SessionOrder order, Caller caller, std::string dialect);
    /// Ids of the caller's, oldest first.
    /// @error what Sandboxes::are_known gives
    Result<std::vector<std::string>> list(const Caller& caller) const;
    /// @error not_found  there is none, it has ended, or it is another's
    asio::awaitable<Result<void>> close(std::string id, Caller caller);

    /// Runs code as a script among the variables of what ran before; its libraries are installed first.
    /// @param exchange  whose client may go away: the code is interrupted then
    /// @return what became of the code; failing, timing out and the interpreter's death are results, not errors
    /// @error not_found         as `close`
    /// @error conflict          others' code in it took too long
    /// @error invalid_argument  a library that there is not
    asio::awaitable<Result<ScriptEnd>> execute(Exchange& exchange, std::string id, ScriptOrder order, Caller caller);

    /// Runs code once, in a sandbox of its own of which nothing is left.
    /// @param exchange  as above; the program is ended then
    /// @param dialect   that it is asked for in
    asio::awaitable<Result<ScriptEnd>> execute_once(Exchange& exchange, ScriptOrder order, Caller caller,
                                                    std::string dialect);

   private:
    Result<std::shared_ptr<Living>> find(const std::string& id, const Caller& caller) const;

    SessionServices services_;
    SessionBounds bounds_;
};

}  // namespace sbx::daemon
