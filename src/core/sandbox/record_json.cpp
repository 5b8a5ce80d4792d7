#include "core/sandbox/record_json.hpp"

#include "core/json.hpp"
#include "core/wire/base64.hpp"
#include "sbx/utf8.hpp"

#include <fmt/chrono.h>
#include <nlohmann/json.hpp>

namespace sbx {
namespace {

using nlohmann::ordered_json;

ordered_json text_or_null(const std::string& text)
{
    return text.empty() ? ordered_json() : ordered_json(text);
}

template <class T>
ordered_json value_or_null(const std::optional<T>& value)
{
    return value ? ordered_json(*value) : ordered_json();
}

template <DescribedEnum E>
std::string_view name(E value)
{
    return boost::describe::enum_to_string(value, "?");
}

ordered_json changed_files(const std::vector<ChangedFile>& files)
{
    ordered_json all = ordered_json::array();
    for (const ChangedFile& file : files) {
        ordered_json entry;
        put_bytes(entry, "path", file.path);
        entry["size_bytes"] = file.size_bytes;
        all.push_back(std::move(entry));
    }
    return all;
}

}  // namespace

ordered_json iso_time(std::chrono::system_clock::time_point time)
{
    if (time == std::chrono::system_clock::time_point()) return nullptr;
    const auto whole = std::chrono::floor<std::chrono::milliseconds>(time);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(whole);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                       (whole - seconds).count());
}

void put_bytes(ordered_json& record, const std::string& name, std::string_view bytes)
{
    if (is_utf8(bytes)) {
        record[name] = bytes;
    } else {
        record[name] = nullptr;
        record[name + "_base64"] = wire::to_base64(bytes);
    }
}

ordered_json attempts_json(const std::vector<NetworkAttempt>& attempts)
{
    ordered_json all = ordered_json::array();
    for (const NetworkAttempt& attempt : attempts) {
        ordered_json json;
        json["host"] = attempt.host;
        json["port"] = attempt.port == 0 ? ordered_json() : ordered_json(attempt.port);
        json["verdict"] = name(attempt.verdict);
        json["reason"] = text_or_null(attempt.reason);
        json["address"] = text_or_null(attempt.address);
        json["count"] = attempt.count;
        json["sent_bytes"] = attempt.sent_bytes;
        json["received_bytes"] = attempt.received_bytes;
        all.push_back(std::move(json));
    }
    return all;
}

ordered_json record_json(const Execution& execution)
{
    ordered_json record;
    record["execution_id"] = execution.execution_id;
    record["exit_code"] = value_or_null(execution.exit_code);
    record["signal"] = value_or_null(execution.signal);
    record["origin"] = name(execution.origin);
    record["phase"] = name(execution.phase);
    record["reason"] = name(execution.reason);
    put_bytes(record, "stdout", execution.stdout_bytes);
    put_bytes(record, "stderr", execution.stderr_bytes);
    record["truncated"] = execution.truncated;
    record["wall_ms"] = execution.wall_ms.count();
    record["cpu_ms"] = execution.cpu_ms.count();
    record["peak_rss_bytes"] = execution.peak_rss_bytes;
    record["start_time"] = iso_time(execution.start_time);
    record["end_time"] = iso_time(execution.end_time);
    record["path"] = name(execution.path);
    record["results"] = ordered_json::array();  // rich outputs come from kernels
    record["files"] = changed_files(execution.files);
    record["isolation"] = execution.isolation;
    record["image"] = text_or_null(execution.image);
    record["image_digest"] = text_or_null(execution.image_digest);
    record["network"] = attempts_json(execution.network);
    record["reused"] = execution.reused;
    return record;
}

}  // namespace sbx
