#include "core/docker/progress.hpp"

#include "core/docker/reply.hpp"

#include <optional>

namespace sbx::docker {
namespace {

constexpr std::size_t max_line_bytes = 1U << 20;

Progress read_progress(const nlohmann::json& json)
{
    Progress step;
    step.id = json.value("id", "");
    step.status = json.value("stream", json.value("status", ""));
    while (!step.status.empty() && (step.status.back() == '\n' || step.status.back() == '\r')) step.status.pop_back();
    const auto detail = json.value("progressDetail", nlohmann::json::object());
    if (detail.is_object()) {
        step.current = detail.value("current", std::uint64_t{0});
        step.total = detail.value("total", std::uint64_t{0});
    }
    return step;
}

/// `error` is the older form of `errorDetail`; newer engines may send only the latter.
std::optional<std::string> read_failure(const nlohmann::json& json)
{
    const auto detail = json.find("errorDetail");
    if (detail != json.end() && detail->is_object()) return detail->value("message", "unknown failure");
    std::string words = json.value("error", "");
    if (words.empty()) return std::nullopt;
    return words;
}

}  // namespace

Result<void> ProgressReader::feed(std::string_view bytes)
{
    buffered_ += bytes;
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = buffered_.find('\n', begin)) != std::string::npos; begin = end + 1) {
        Result<void> read = line(std::string_view(buffered_).substr(begin, end - begin));
        if (!read) return read;
    }
    buffered_.erase(0, begin);
    if (buffered_.size() > max_line_bytes)
        return Error(Errc::too_large, "docker: a line of progress is longer than allowed");
    return {};
}

Result<void> ProgressReader::finish()
{
    return line(buffered_);
}

Result<void> ProgressReader::line(std::string_view text) const
{
    if (text.find_first_not_of(" \t\r") == std::string_view::npos) return {};
    const Result<nlohmann::json> json = parse_reply(200, text);
    if (!json) return json.error();
    const auto failure = read_json(*json, read_failure);
    if (!failure) return failure.error();
    if (*failure) return Error(Errc::internal, "docker: " + printable(**failure));
    if (!sink_) return {};
    const Result<Progress> step = read_json(*json, read_progress);
    if (!step) return step.error();
    if (!step->status.empty()) sink_(*step);
    return {};
}

}  // namespace sbx::docker
