#pragma once

#include "core/config/settings.hpp"
#include "core/libraries/library_request.hpp"
#include "daemon/api/route.hpp"
#include "daemon/executions/content.hpp"
#include "daemon/executions/limits_wish.hpp"
#include "daemon/executions/task_io.hpp"
#include "daemon/templates/granted.hpp"
#include "sbx/language.hpp"
#include "sbx/run.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sbx::daemon {

/// Code that a caller wants to be run, whichever dialect it was said in.
struct CodeOrder {
    std::string language;             ///< empty: told by `entry`, else Python
    std::optional<std::string> code;  ///< absent: `entry` is the program
    std::string entry;                ///< one of the files
    std::map<std::string, Content> files;
    std::vector<std::string> arguments;
    std::string input;  ///< the program's stdin
    std::map<std::string, std::string> environment;
    std::vector<std::string> libraries;
    std::optional<std::string> image;
    std::vector<std::string> allow;  ///< where its programs may connect to
    std::map<std::string, std::string> labels;
    LimitsWish limits;
    bool list_files = false;
    std::string directory;  ///< where the program starts; empty: /work
    Granted granted;
};

/// The run that it means, before any engine is asked.
struct PreparedCode {
    const Language* language = nullptr;
    std::optional<std::string> image;
    std::string home;  ///< another name of the work directory, as `HomeImages` has it; empty: none
    LibraryRequest libraries;
    std::vector<std::string> preload;  ///< modules of a sandbox that waits
    RunRequest request;
    std::string input;
    InputSource* source = nullptr;  ///< in place of `input`; outlives the execution
};

/// @param settings  the daemon's own, its limits the defaults
/// @param caller    who is bounded unless he is the operator
/// @error invalid_argument, not_found  what is wrong with it; nothing was made
Result<PreparedCode> prepare(CodeOrder order, const Settings& settings, const Caller& caller);

/// Whether the caller may have this image (SECURITY-TARGETS §1).
/// @error permission_denied
Result<void> check_image_name(const std::optional<std::string>& image, const Settings& settings, const Caller& caller);

/// The daemon's own settings, with what the operator's template says in their place.
/// @error invalid_argument
Result<Settings> granted_settings(Settings own, const Granted& granted);
/// What a request wishes after its template: a disk that the template names is no default, which would shrink with the
/// memory.
/// @param settings  what `granted_settings` gave
LimitsWish wish_after(const Granted& granted, const Settings& settings, LimitsWish wish);

/// What a caller's variables look like (SECURITY-TARGETS §7).
/// @error invalid_argument
Result<std::vector<std::pair<std::string, std::string>>> checked_environment(
    const std::map<std::string, std::string>& wanted);

/// A path of the sandbox that a caller named: absolute, without dots; what is relative is below /work.
/// @error invalid_argument  NUL, control bytes, too long, or neither below /work nor below /tmp
Result<std::string> checked_place(const std::string& path);

/// A directory of the sandbox where programs shall start: absolute, without dots; what is relative is below /work.
/// @error invalid_argument
Result<std::string> checked_directory(const std::string& path);

/// Rules for the network as they are typed.
/// @error invalid_argument, resource_exhausted
Result<std::vector<EgressRule>> checked_rules(const std::vector<std::string>& allow);

/// Labels as containers carry them.
/// @error invalid_argument
Result<std::map<std::string, std::string>> checked_labels(const std::map<std::string, std::string>& wanted);

}  // namespace sbx::daemon
