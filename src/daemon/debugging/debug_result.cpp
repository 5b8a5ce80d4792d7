#include "daemon/debugging/debug_result.hpp"

#include "core/sandbox/record_json.hpp"
#include "core/wire/base64.hpp"
#include "daemon/api/decode.hpp"
#include "daemon/api/request_json.hpp"
#include "daemon/api/schema.hpp"
#include "daemon/sessions/script_end.hpp"
#include "sbx/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sbx::daemon {
namespace {

constexpr std::size_t most_error_bytes = 4096;
constexpr std::string_view traceback_head = "Traceback (most recent call last):\n";
constexpr std::string_view frame_head = "  File \"";

void drop_unfinished(std::string& text)
{
    text.resize(text.size() - unfinished_character(text));
}

std::string cut(std::string text, std::size_t most)
{
    if (text.size() <= most) return text;
    text.resize(most);
    drop_unfinished(text);
    return text;
}

/// Where the last line begins that has this beginning.
std::size_t last_line_with(std::string_view text, std::string_view beginning)
{
    std::size_t at = text.rfind(beginning);
    while (at != std::string_view::npos && at > 0 && text[at - 1] != '\n') at = text.rfind(beginning, at - 1);
    return at;
}

std::string named(const DebugException& exception)
{
    return exception.message.empty() ? exception.type : fmt::format("{}: {}", exception.type, exception.message);
}

std::string exception_of(const RunResult& result, const DebugReport& report)
{
    if (result.execution.exit_code != 1) return {};
    if (report.exceptions.empty()) return last_exception(result.last_words);
    const DebugException& last = report.exceptions.back();
    return last.type == "SystemExit" ? std::string() : named(last);
}

/// @param name  of a stream in the record
std::string stream_of(const nlohmann::json& record, const std::string& name)
{
    std::string bytes;
    if (const auto text = record.find(name); text != record.end() && text->is_string())
        bytes = text->get<std::string>();
    else if (const auto base64 = record.find(name + "_base64"); base64 != record.end() && base64->is_string())
        wire::from_base64(base64->get_ref<const std::string&>(), bytes);
    return bytes;
}

/// Streams of which no more is kept than an answer holds.
void add_streams(const StoredExecution& stored, DebugResult& result)
{
    const nlohmann::json record = nlohmann::json::parse(stored.record, nullptr, false);
    if (!record.is_object()) return;
    const bool is_cut = record.value("truncated", false);
    result.output = stream_of(record, "stdout");
    result.stderr = stream_of(record, "stderr");
    const bool cuts_output = is_cut && result.output.size() >= ScriptOutput::kept_bytes;
    const bool cuts_errors = is_cut && result.stderr.size() >= ScriptOutput::kept_bytes;
    if (cuts_output) drop_unfinished(result.output);
    if (cuts_errors) drop_unfinished(result.stderr);
    add_cuts(result.stderr, cuts_output, cuts_errors);
}

DebugExtra extra_of(const StoredExecution& stored)
{
    DebugExtra extra;
    const nlohmann::json json = nlohmann::json::parse(stored.extra, nullptr, false);
    if (json.is_object()) Decoder().read(json, extra);
    return extra;
}

std::optional<std::string> told_error(const StoredExecution& stored, DebugExtra& extra)
{
    if (stored.state == ExecutionState::cancelled) return "Execution cancelled";
    // What an earlier daemon left under way has no record.
    if (stored.state == ExecutionState::ended && stored.record.empty()) return "The execution was lost";
    return std::move(extra.error);
}

}  // namespace

DebugStatus status_of(const StoredExecution& stored)
{
    if (stored.state == ExecutionState::cancelled) return DebugStatus::cancelled;
    if (stored.state != ExecutionState::ended) return DebugStatus::running;
    if (stored.reason == Reason::timeout) return DebugStatus::timeout;
    return stored.exit_code == 0 ? DebugStatus::completed : DebugStatus::failed;
}

std::string write_extra(DebugExtra extra)
{
    std::string text = dump(json_of(extra));
    if (text.size() <= ExecutionLog::most_extra_bytes) return text;
    extra.report = DebugReport();
    extra.report.truncated = true;
    return dump(json_of(extra));
}

std::string last_exception(std::string_view text)
{
    std::size_t at = last_line_with(text, traceback_head);
    if (at == std::string_view::npos) at = last_line_with(text, frame_head);  // a syntax error has no head
    if (at == std::string_view::npos) return {};
    text.remove_prefix(text.find('\n', at) == std::string_view::npos ? text.size() : text.find('\n', at) + 1);
    while (text.starts_with(' ')) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    while (text.ends_with('\n')) text.remove_suffix(1);
    return std::string(text);
}

std::optional<std::string> error_of(const RunResult& result, const Limits& limits, const DebugReport& report)
{
    const Execution& execution = result.execution;
    std::string error = reason_line(execution, limits);
    if (error.empty() && execution.exit_code == 0) return std::nullopt;
    if (error.empty()) error = exception_of(result, report);
    if (error.empty() && execution.reason == Reason::lost) error = "The execution was lost";
    if (error.empty() && execution.signal) error = fmt::format("The program ended by signal {}", *execution.signal);
    if (error.empty()) error = fmt::format("The program ended with exit code {}", execution.exit_code.value_or(1));
    return cut(std::move(error), most_error_bytes);
}

DebugResult result_of(const StoredExecution& stored)
{
    DebugExtra extra = extra_of(stored);
    DebugResult result;
    result.execution_id = uuid_of(stored.id);
    result.status = status_of(stored);
    result.error = told_error(stored, extra);
    result.processor_id = std::move(extra.processor_id);
    const std::chrono::milliseconds start = stored.started.value_or(stored.created);
    result.start_time = time_text(start);
    add_streams(stored, result);
    if (stored.ended) {
        result.end_time = time_text(*stored.ended);
        result.execution_time = static_cast<double>((*stored.ended - start).count()) / 1000;
    }
    if (!extra.debug_mode) return result;
    DebugInfo& info = result.debug_info.emplace();
    info.variables_after = std::move(extra.report.variables_after);
    info.exceptions = std::move(extra.report.exceptions);
    info.truncated = extra.report.truncated;
    info.stdout = result.output;
    info.stderr = result.stderr;
    return result;
}

std::string time_text(std::chrono::milliseconds time)
{
    constexpr std::string_view whole = ".000Z";
    std::string text = iso_time(std::chrono::system_clock::time_point(time));
    if (text.ends_with(whole)) text.replace(text.size() - whole.size(), whole.size(), "Z");
    return text;
}

std::string uuid_of(std::string_view digits)
{
    std::string uuid(digits);
    for (const std::size_t at : {8U, 13U, 18U, 23U}) uuid.insert(std::min<std::size_t>(at, uuid.size()), "-");
    return uuid;
}

std::optional<std::string> digits_of(std::string_view uuid)
{
    constexpr std::size_t length = 32;
    std::string digits(uuid);
    std::erase(digits, '-');
    if (digits.size() != length || uuid_of(digits) != uuid) return std::nullopt;
    return digits;
}

}  // namespace sbx::daemon
