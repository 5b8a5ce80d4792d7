#pragma once

#include "sbx/result.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sbx {

/// One row of the language table (src/core/lang/languages.cpp). Every list is words with one space between.
/// In a command, a word that is exactly `{file}`, `{code}` or `{program}` is replaced; no shell ever sees it.
/// The program's own arguments follow the command.
struct Language {
    std::string_view name;                  ///< "python"; also the image's (own_image.hpp)
    std::string_view aliases;               ///< other names that --lang takes
    std::string_view extensions;            ///< without the dot
    std::string_view interpreters = {};     ///< base names in a `#!` line, without a version
    std::string_view file_name;             ///< of code that comes without a file
    std::string_view compile = {};          ///< `{file}` to `{program}`; empty where nothing is compiled
    std::string_view run_file;              ///< runs `{file}`, or `{program}` when there is a compile command
    std::string_view run_code = {};         ///< runs `{code}`; empty: the code must be a file first
    std::string_view run_stdin = {};        ///< runs what it reads; empty: the code must be a file first
    std::string_view preload = {};          ///< what a standby sandbox starts ahead (docs/standby.md); empty: nothing
    std::string_view start_variables = {};  ///< what only a starting interpreter reads of the environment; `*` ends a
                                            ///< prefix. Empty: what is started ahead can tell for itself
    std::string_view kernel = {};           ///< keeps state between executions (docs/kernels.md); empty: there is none
    std::string_view version;               ///< prints its version
    std::string_view official_image = {};   ///< pulled when there is no image of ours; empty: none fits the commands

    bool operator==(const Language&) const = default;
};

/// All of them, in the order they are shown.
std::span<const Language> languages();

/// By name or alias, as typed.
/// @error not_found  with the nearest name as hint
Result<const Language*> find_language(std::string_view name);

/// The language of a script: its extension, else its `#!` line.
/// @param file_name   base name or path
/// @param first_line  the first bytes of the file; a longer prefix does no harm
/// @error not_found   neither says it; the hint names --lang
Result<const Language*> detect_language(std::string_view file_name, std::string_view first_line);

/// Base name of the program in a `#!` line (`env` and its options skipped, a version cut off), or empty.
std::string_view interpreter_of(std::string_view first_line);

/// Where a compiled language puts its program: not below the work directory, so that it is no result file.
inline constexpr std::string_view program_path = "/tmp/.sbx-program";

using Arguments = std::vector<std::string>;

/// @param file  name relative to the working directory; empty result when nothing is compiled
Arguments compile_command(const Language& language, std::string_view file);
Arguments run_file_command(const Language& language, std::string_view file, const Arguments& arguments);
/// Absent when the code has to be written to `file_name` first.
std::optional<Arguments> run_code_command(const Language& language, std::string_view code, const Arguments& arguments);
std::optional<Arguments> run_stdin_command(const Language& language, const Arguments& arguments);
Arguments version_command(const Language& language);
/// The command that starts the language's kernel and by which it is found again; empty when there is none.
/// @param context  tells kernels of one language apart
Arguments kernel_command(const Language& language, std::string_view context);
/// `{placeholder}` is left as it is: whoever starts it puts a name there that is like no other.
/// @param modules  that are imported ahead too; only Python's can be
Arguments preload_words(const Language& language, const std::vector<std::string>& modules = {});
/// Whether what is started ahead may be told to become this command.
bool fits_preload(const Language& language, const Arguments& command,
                  const std::vector<std::pair<std::string, std::string>>& variables);

}  // namespace sbx
