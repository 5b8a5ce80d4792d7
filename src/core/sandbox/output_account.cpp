#include "core/sandbox/output_account.hpp"

#include "core/wire/messages.hpp"

#include <algorithm>
#include <cstddef>

namespace sbx {
namespace {

constexpr std::size_t last_words_bytes = 4096;

}  // namespace

std::span<const char> OutputAccount::take(std::uint8_t channel, std::span<const char> bytes)
{
    const std::span<const char> taken = bytes.first(std::min<std::uint64_t>(room(), bytes.size()));
    exceeded_ = exceeded_ || taken.size() < bytes.size();
    taken_bytes_ += taken.size();
    keep(channel, taken);
    result_.execution.truncated = result_.execution.truncated || taken.size() < bytes.size();
    return taken;
}

bool OutputAccount::take(std::size_t bytes)
{
    if (bytes > room()) {
        exceeded_ = true;
        result_.execution.truncated = true;
        return false;
    }
    taken_bytes_ += bytes;
    return true;
}

std::uint64_t OutputAccount::room() const
{
    const auto limit = request_.limits.output_bytes;
    return limit ? *limit - std::min(*limit, taken_bytes_) : UINT64_MAX;
}

void OutputAccount::keep(std::uint8_t channel, std::span<const char> bytes)
{
    Execution& execution = result_.execution;
    std::string& kept = channel == wire::Channel::out ? execution.stdout_bytes : execution.stderr_bytes;
    const std::size_t room = request_.kept_output_bytes - std::min(request_.kept_output_bytes, kept.size());
    kept.append(bytes.data(), std::min(room, bytes.size()));
    execution.truncated = execution.truncated || bytes.size() > room;

    if (channel == wire::Channel::out && !request_.terminal) return;
    std::string& last = result_.last_words;
    const std::span<const char> end = bytes.last(std::min(bytes.size(), last_words_bytes));
    last.append(end.data(), end.size());
    if (last.size() > 2 * last_words_bytes) last.erase(0, last.size() - last_words_bytes);
}

}  // namespace sbx
