#include "daemon/metrics/engine_operation.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace sbx::daemon {
namespace {

/// @source Docker Engine API v1.41
constexpr std::array<std::string_view, 8> subjects{"_ping",   "containers", "exec",  "images",
                                                   "volumes", "info",       "build", "version"};
constexpr std::array<std::string_view, 20> actions{
    "archive", "attach", "create", "get",     "history", "json",  "kill", "load", "logs",    "pause",
    "prune",   "push",   "resize", "restart", "start",   "stats", "stop", "tag",  "unpause", "wait"};

/// The path's words, without the version before them.
std::vector<std::string_view> words_of(std::string_view path)
{
    std::vector<std::string_view> words;
    while (!path.empty()) {
        path.remove_prefix(path.starts_with('/') ? 1 : 0);
        const std::size_t end = std::min(path.find('/'), path.size());
        words.push_back(path.substr(0, end));
        path.remove_prefix(end);
    }
    const bool is_versioned = words.size() > 1 && words.front().starts_with('v') &&
                              std::ranges::find(subjects, words.front()) == subjects.end();
    if (is_versioned) words.erase(words.begin());
    return words;
}

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& known, std::string_view word)
{
    return std::ranges::find(known, word) != known.end();
}

}  // namespace

std::string engine_operation(std::string_view method, std::string_view path)
{
    const std::vector<std::string_view> words = words_of(path);
    std::string operation(method);
    if (words.empty() || !is_one_of(subjects, words.front())) return operation + " other";
    operation.append(" /").append(words.front());
    if (words.size() == 1) return operation;
    const bool acts = is_one_of(actions, words.back());
    if (words.size() > 2 || !acts) operation += "/{}";
    if (acts) operation.append("/").append(words.back());
    return operation;
}

}  // namespace sbx::daemon
