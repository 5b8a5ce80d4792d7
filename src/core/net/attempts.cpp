#include "core/net/attempts.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sbx {
namespace {

constexpr std::size_t longest_host = 255;

std::string printable(std::string_view hostile)
{
    std::string text;
    for (const char c : hostile.substr(0, longest_host)) {
        if (c > ' ' && c <= '~')
            text.push_back(c);
        else
            text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
    return text;
}

/// Whether two are counted together.
bool is_same(const NetworkAttempt& a, const NetworkAttempt& b)
{
    return a.host == b.host && a.port == b.port && a.verdict == b.verdict && a.reason == b.reason;
}

}  // namespace

std::size_t Attempts::add(std::string_view host, std::uint16_t port, Verdict verdict, std::string reason)
{
    ++version_;
    NetworkAttempt wanted;
    wanted.host = printable(host);
    wanted.port = port;
    wanted.verdict = verdict;
    wanted.reason = std::move(reason);
    const auto same = [&](const NetworkAttempt& known) { return is_same(known, wanted); };
    auto at = std::ranges::find_if(all_, same);
    if (at == all_.end() && all_.size() >= most_places) {
        wanted.host = "*";
        wanted.port = 0;
        wanted.reason = "too many places to list";
        at = std::ranges::find_if(all_, same);
    }
    if (at == all_.end()) at = all_.insert(at, std::move(wanted));
    ++at->count;
    return static_cast<std::size_t>(at - all_.begin());
}

std::vector<NetworkAttempt> attempts_since(const std::vector<NetworkAttempt>& before,
                                           const std::vector<NetworkAttempt>& now)
{
    std::vector<NetworkAttempt> fresh;
    for (NetworkAttempt attempt : now) {
        const auto known =
            std::ranges::find_if(before, [&](const NetworkAttempt& each) { return is_same(each, attempt); });
        if (known != before.end()) {
            attempt.count -= known->count;
            attempt.sent_bytes -= known->sent_bytes;
            attempt.received_bytes -= known->received_bytes;
        }
        if (attempt.count > 0) fresh.push_back(std::move(attempt));
    }
    return fresh;
}

}  // namespace sbx
