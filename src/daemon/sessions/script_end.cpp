#include "daemon/sessions/script_end.hpp"

#include "sbx/utf8.hpp"

#include <fmt/format.h>

namespace sbx::daemon {
namespace {

constexpr int lost_exit = 125;
constexpr const char* was_lost_line = "The session's state was lost: its interpreter had ended";
constexpr const char* has_ended_line = "The interpreter has ended: the session's variables are lost";

void add_line(std::string& text, std::string_view line)
{
    if (!text.empty() && !text.ends_with('\n')) text += '\n';
    text.append(line).append("\n");
}

double seconds(std::chrono::milliseconds time)
{
    return std::chrono::duration<double>(time).count();
}

}  // namespace

std::string reason_line(const Execution& execution, const Limits& limits)
{
    switch (execution.reason) {
        case Reason::timeout:
            return fmt::format("{} timed out after {:g} seconds",
                               execution.phase == Phase::compile ? "Compilation" : "Execution",
                               seconds(limits.wall_ms.value_or(std::chrono::milliseconds(0))));
        case Reason::oom:
            return fmt::format("Memory limit of {} MB exceeded", limits.memory_bytes >> 20);
        case Reason::output_limit:
            return "Output limit exceeded";
        default:
            return {};
    }
}

void add_cuts(std::string& errors, bool is_output_cut, bool is_errors_cut)
{
    constexpr std::size_t most = ScriptOutput::kept_bytes;
    if (is_output_cut) add_line(errors, fmt::format("stdout truncated at {} bytes", most));
    if (is_errors_cut) add_line(errors, fmt::format("stderr truncated at {} bytes", most));
}

boost::asio::awaitable<Result<void>> ScriptOutput::on_output(OutputStream stream, std::span<const char> bytes)
{
    add(stream, std::string_view(bytes.data(), bytes.size()));
    co_return Result<void>();
}

void ScriptOutput::add(OutputStream stream, std::string_view bytes)
{
    Kept& to = stream == OutputStream::out ? output_ : errors_;
    const std::size_t room = kept_bytes - to.bytes.size();
    to.is_cut = to.is_cut || bytes.size() > room;
    to.bytes.append(bytes.substr(0, room));
}

std::string ScriptOutput::text(OutputStream stream) const
{
    const Kept& from = kept(stream);
    return from.bytes.substr(0, from.bytes.size() - (from.is_cut ? unfinished_character(from.bytes) : 0));
}

ScriptEnd script_end(const ScriptOutput& output, const Execution& execution, const Limits& limits, InterpreterFate fate)
{
    ScriptEnd end;
    end.output = output.text(OutputStream::out);
    if (fate.was_lost) add_line(end.errors, was_lost_line);
    end.errors += output.text(OutputStream::err);
    add_cuts(end.errors, output.is_cut(OutputStream::out), output.is_cut(OutputStream::err));
    if (fate.has_ended) add_line(end.errors, has_ended_line);
    const std::string line = reason_line(execution, limits);
    if (!line.empty()) add_line(end.errors, line);
    end.exit_code = execution.exit_code.value_or(lost_exit);
    return end;
}

}  // namespace sbx::daemon
