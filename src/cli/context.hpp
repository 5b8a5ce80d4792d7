#pragma once

#include "core/config/configuration.hpp"
#include "sbx/result.hpp"

#include <fmt/format.h>
#include <nlohmann/json_fwd.hpp>

#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sbx::cli {

/// What every command shares: where it writes, how it ends, what was typed.
class Context {
   public:
    /// @param program_name  base name of argv[0]: help and messages follow it
    /// @param out, err      stay the caller's
    Context(std::string program_name, std::FILE* out, std::FILE* err, Environment environment);

    std::string program;
    bool json = false;                      ///< stdout is to be exactly one JSON value
    bool ndjson = false;                    ///< stdout is to be one JSON object a line
    std::filesystem::path meta;             ///< --meta: where the record goes besides
    bool runs_program = false;              ///< exit codes are those of `run`
    int exit_code = 0;                      ///< what main returns
    std::filesystem::path config_file;      ///< --config
    std::string host;                       ///< --host: the daemon to use; empty: as SBX_HOST says
    bool direct = false;                    ///< --direct
    bool assume_yes = false;                ///< --yes
    bool no_input = false;                  ///< --no-input
    std::vector<std::string> operands;      ///< of a command that runs a program: everything from the first operand on
    bool operands_after_separator = false;  ///< they came after `--`
    Environment environment;

    std::FILE* out;
    std::FILE* err;

    /// Writes a result to stdout. A failure is reported by `finish`.
    void print(std::string_view text);
    /// One JSON value and a newline.
    void print_json(const nlohmann::ordered_json& value);
    /// Writes text for people to stderr, as far as that takes it.
    void write_err(std::string_view text) const;
    /// Writes one line for people to stderr.
    void say(std::string_view line) const;
    /// What went wrong and what to do next.
    void say(const Error& error);
    /// Tells of a failure, as JSON where that is asked for, and sets the exit code.
    void report(const Error& error);
    /// The same with an exit code of its own, for machines alone.
    void report_quietly(const Error& error, int code);
    /// Writes the record to the file of --meta.
    void write_meta(const nlohmann::ordered_json& record);
    /// Flushes stdout; what could not be written is a failure.
    void finish();

    /// Whether somebody sits at the terminal.
    bool can_ask() const;
    /// Asks on the terminal; never where nobody could answer.
    /// @error invalid_argument  nobody can be asked: the hint is --yes
    Result<bool> confirm(std::string_view question);

    /// Flags, environment and files merged. `flags` is text by setting key.
    Result<Configuration> configuration(std::map<std::string, std::string> flags = {}) const;

    bool err_is_terminal() const;
    /// Colours on stderr: only on a terminal, and not under NO_COLOR.
    bool colours() const;

   private:
    bool write_failed_ = false;
};

/// The object that stands for a failure of sbx on stdout.
nlohmann::ordered_json error_json(const Error& error, int exit_code);

}  // namespace sbx::cli
