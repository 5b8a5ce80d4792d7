#pragma once

#include "sbx/language.hpp"
#include "sbx/result.hpp"
#include "sbx/run.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sbx::cli {

/// What was asked to be run, as typed.
struct SourceWords {
    std::optional<std::string> code;    ///< -c
    bool code_as_file = false;          ///< also where the language takes code as an argument, which has to be short
    std::string language;               ///< --lang; may be empty
    std::string entry;                  ///< --entry; may be empty
    bool whole_directory = false;       ///< --all
    std::string work_directory;         ///< --workdir; may be empty
    bool is_command = false;            ///< the operands came after `--`
    std::vector<std::string> operands;  ///< FILE, DIR, `-` or a command, then the program's arguments
};

/// What to run and what must be in the sandbox for it.
struct Source {
    const Language* language = nullptr;  ///< also gives the image
    std::vector<InputFile> files;
    Arguments compile;  ///< empty where nothing is compiled
    Arguments command;
    bool code_is_stdin = false;       ///< the program's code comes through its stdin
    std::filesystem::path script;     ///< the file that starts, on this host; may be empty
    std::optional<std::string> code;  ///< what was given as text instead
    std::filesystem::path project;    ///< the folder whose files say what it needs; may be empty
    bool is_in_project = false;       ///< the whole of that folder goes in
};

/// Looks at the file, finds the language, makes the commands. Reads stdin only where the code is there and the language
/// cannot read it by itself.
/// @param caller  the words whose operand it is (`sbx run`), for hints
/// @error not_found          no such file or language
/// @error permission_denied  the file cannot be read
/// @error invalid_argument   words that do not fit together
Result<Source> find_source(const SourceWords& words, const std::string& caller);

/// Code that is run as text.
struct CodeText {
    const Language* language = nullptr;
    std::string text;
};

/// The same for a kernel: reads the file or stdin whole.
/// @error not_found, permission_denied, invalid_argument  as above
Result<CodeText> read_code(const SourceWords& words, const std::string& caller);

/// All that comes on stdin.
/// @error too_large, invalid_argument
Result<std::string> read_stdin();

}  // namespace sbx::cli
