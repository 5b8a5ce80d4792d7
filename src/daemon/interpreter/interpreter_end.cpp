#include "daemon/interpreter/interpreter_end.hpp"

#include "daemon/sessions/script_end.hpp"
#include "sbx/utf8.hpp"

#include <fmt/format.h>

namespace sbx::daemon {
namespace {

constexpr std::size_t kept_bytes = std::size_t{256} << 10;  // of each stream; hosts read lines of 65,340 bytes
constexpr int not_found_exit = 127;

/// @return whether it was too long
bool cut(std::string& text)
{
    if (text.size() <= kept_bytes) return false;
    text.resize(kept_bytes);
    text.resize(text.size() - unfinished_character(text));
    return true;
}

InterpreterStatus status_of(const Execution& execution)
{
    switch (execution.reason) {
        case Reason::timeout:
            return InterpreterStatus::TO;
        case Reason::output_limit:
            return InterpreterStatus::OL;
        case Reason::exited:
            return execution.exit_code == 0 ? InterpreterStatus::good : InterpreterStatus::RE;
        default:
            return InterpreterStatus::SG;
    }
}

}  // namespace

void add_own_line(std::string& errors, std::string_view line)
{
    if (!errors.empty() && !errors.ends_with('\n')) errors += '\n';
    errors.append(line).append("\n");
}

void tell_end(InterpreterEnd& end, const RunResult& result, const Limits& limits)
{
    const Execution& execution = result.execution;
    end.output = execution.stdout_bytes;
    end.errors = execution.stderr_bytes;
    const bool is_output_cut = cut(end.output);
    const bool is_errors_cut = cut(end.errors);
    if (is_output_cut) add_own_line(end.errors, fmt::format("stdout truncated at {} bytes", kept_bytes));
    if (is_errors_cut) add_own_line(end.errors, fmt::format("stderr truncated at {} bytes", kept_bytes));
    end.reason = execution.reason;
    end.status = status_of(execution);
    if (end.status == InterpreterStatus::good && is_output_cut) end.status = InterpreterStatus::OL;
    if (end.status == InterpreterStatus::good && is_errors_cut) end.status = InterpreterStatus::EL;
    end.wall = execution.wall_ms;
    if (execution.reason == Reason::exited) end.code = execution.exit_code;
    end.signal = execution.signal;
    Execution whole = execution;
    whole.phase = Phase::run;  // the limit is that of both
    if (const std::string line = reason_line(whole, limits); !line.empty()) add_own_line(end.errors, line);
}

Result<void> tell_failure(InterpreterEnd& end, const Error& error, const InterpreterRun& run)
{
    end.status = InterpreterStatus::RE;
    switch (error.code) {
        case Errc::cancelled:
            end.reason = Reason::killed;
            end.status = InterpreterStatus::SG;
            return {};
        case Errc::image_unavailable:
        case Errc::not_found:
            end.code = not_found_exit;
            add_own_line(end.errors, fmt::format("Language '{}' is not installed in image {}", run.word, run.image));
            return {};
        case Errc::too_large:
        case Errc::invalid_argument:
            end.code = 1;
            add_own_line(end.errors, error.message);
            return {};
        default:
            return error;
    }
}

}  // namespace sbx::daemon
