#pragma once

#include "daemon/executions/code_order.hpp"
#include "sbx/language.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sbx::daemon {

/// How a code interpreter runs one of its languages: other images than usual, and runners before the code.
struct InterpreterLanguage {
    std::string_view language;          ///< of the language table
    std::string_view image = {};        ///< empty: the language's own
    std::string_view command = {};      ///< words before the code's file, in place of the language's own
    std::string_view modules = {};      ///< that a sandbox that waits has imported
    std::string_view environment = {};  ///< NAME=VALUE, beside HOME and LANG
    bool is_beside_files = false;  ///< the code stands hidden among the files, which it may name relative to itself
    bool sets_itself_up = false;   ///< its runner sees to HOME and LANG, which an interpreter that waits has already
};

/// Where programs find and leave their files.
inline constexpr const char* interpreter_home = "/mnt/data";

/// By a word of a request: names and aliases of the language table, whatever their case.
/// @error invalid_argument  there is none, or it is not among those of a code interpreter
Result<const InterpreterLanguage*> find_interpreter_language(std::string word);

/// What clients call them.
std::span<const std::string_view> interpreter_words();

/// The code made ready to run.
/// @param request  what was prepared of the order; its command and its files are replaced
/// @param code     moved into it
void place_interpreted_code(const InterpreterLanguage& language, PreparedCode& prepared, std::string code,
                            const std::vector<std::string>& arguments);

}  // namespace sbx::daemon
