#include "daemon/interpreter/tool_channel.hpp"

#include "daemon/api/request_json.hpp"
#include "daemon/api/strict_json.hpp"

#include <algorithm>

namespace sbx::daemon {
namespace {

constexpr std::size_t most_line_bytes = std::size_t{5} << 20;
constexpr std::size_t most_calls = 10'000;
constexpr const char* failure = "Execution failed or timed out";

/// @source the clients' protocol: ^call_\d{3,6}$
bool is_call_id(std::string_view id)
{
    constexpr std::string_view prefix = "call_";
    if (!id.starts_with(prefix)) return false;
    id.remove_prefix(prefix.size());
    return id.size() >= 3 && id.size() <= 6 && id.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

void ToolChannel::refuse(std::string why)
{
    if (!fault_) fault_ = std::move(why);
    coming_.clear();
    changed_.notify_all();
}

void ToolChannel::on_report(std::span<const char> bytes)
{
    std::string_view left(bytes.data(), bytes.size());
    while (!left.empty() && !fault_) {
        const std::size_t end = left.find('\n');
        coming_.append(left.substr(0, end));
        if (coming_.size() > most_line_bytes) return refuse(failure);
        if (end == std::string_view::npos) return;
        take_line(coming_);
        coming_.clear();
        left.remove_prefix(end + 1);
    }
}

void ToolChannel::take_line(std::string_view line)
{
    Result<nlohmann::json> call = parse_strict_json(line);
    const bool is_sound = call && call->is_object() && call->contains("id") && (*call)["id"].is_string() &&
                          call->contains("name") && (*call)["name"].is_string() && call->contains("input");
    if (!is_sound) return refuse(failure);
    ToolCall taken{(*call)["id"], (*call)["name"], std::move((*call)["input"])};
    if (!tools_.contains(taken.name)) return refuse("Sandbox requested an unregistered tool: " + taken.name);
    const bool is_new = is_call_id(taken.id) && seen_.size() < most_calls && seen_.insert(taken.id).second;
    if (!is_new) return refuse(failure);
    pending_.push_back(std::move(taken));
    last_call_ = Clock::now();
    changed_.notify_all();
}

std::vector<ToolCall> ToolChannel::take()
{
    out_.insert(out_.end(), pending_.begin(), pending_.end());
    return std::exchange(pending_, {});
}

Result<void> ToolChannel::answer(const std::vector<ToolResult>& results)
{
    for (const ToolResult& result : results)
        if (!seen_.contains(result.call_id))
            return Error(Errc::invalid_argument, "tool_results: there is no call " + result.call_id);
    for (const ToolResult& result : results) {
        const auto call = std::ranges::find(out_, result.call_id, &ToolCall::id);
        if (call == out_.end()) continue;  // it was answered before
        out_.erase(call);
        nlohmann::ordered_json line{{"call_id", result.call_id},
                                    {"result", result.result},
                                    {"is_error", result.is_error},
                                    {"error_message", result.error_message}};
        going_.append(dump(line)).append("\n");
    }
    pending_.insert(pending_.begin(), out_.begin(), out_.end());
    out_.clear();
    changed_.notify_all();
    return {};
}

boost::asio::awaitable<Result<std::size_t>> ToolChannel::read(std::span<char> into)
{
    while (going_.empty() && !stopped_) co_await changed_.wait(std::nullopt);
    const std::size_t size = std::min(into.size(), going_.size());
    std::copy_n(going_.begin(), size, into.begin());
    going_.erase(0, size);
    co_return size;
}

void ToolChannel::stop()
{
    stopped_ = true;
    going_.clear();
    changed_.notify_all();
}

}  // namespace sbx::daemon
