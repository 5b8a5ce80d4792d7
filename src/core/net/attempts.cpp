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

}  // namespace

std::size_t Attempts::add(std::string_view host, std::uint16_t port, Verdict verdict, std::string reason)
{
    ++version_;
    NetworkAttempt wanted;
    wanted.host = printable(host);
    wanted.port = port;
    wanted.verdict = verdict;
    wanted.reason = std::move(reason);
    const auto same = [&](const NetworkAttempt& known) {
        return known.host == wanted.host && known.port == wanted.port && known.verdict == wanted.verdict &&
               known.reason == wanted.reason;
    };
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

}  // namespace sbx
