#include "cli/next_step.hpp"

#include "core/lang/words.hpp"
#include "core/net/egress_list.hpp"
#include "core/net/host_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

namespace sbx::cli {

std::vector<std::string_view> refused_calls()
{
    return words(
        "add_key bpf chroot clock_settime delete_module fanotify_init finit_module init_module io_uring_setup "
        "kexec_load keyctl mount move_pages open_by_handle_at perf_event_open pivot_root process_vm_readv ptrace "
        "quotactl reboot setdomainname sethostname setns settimeofday swapon umount2 unshare userfaultfd");
}

namespace {

namespace fs = std::filesystem;

/// What stands between `before` and `after` where that was said last.
std::optional<std::string> last_between(std::string_view text, std::string_view before, std::string_view after)
{
    const std::size_t begin = text.rfind(before);
    if (begin == std::string_view::npos) return std::nullopt;
    const std::size_t name = begin + before.size();
    const std::size_t end = text.find(after, name);
    if (end == std::string_view::npos || end == name) return std::nullopt;
    return std::string(text.substr(name, end - name));
}

struct Complaint {
    std::string_view before;
    std::string_view after;
    std::vector<std::string> (*candidates)(const std::string& name);
};

std::vector<std::string> itself(const std::string& name)
{
    return {name};
}

std::vector<std::string> python_module(const std::string& name)
{
    std::string path = name;
    std::ranges::replace(path, '.', '/');
    return {path + ".py", path, path.substr(0, path.find('/'))};
}

std::vector<std::string> node_module(const std::string& name)
{
    return {name, name + ".js", name + ".mjs", name + ".json"};
}

std::vector<std::string> lua_module(const std::string& name)
{
    std::string path = name;
    std::ranges::replace(path, '.', '/');
    return {path + ".lua", path + "/init.lua"};
}

const std::array complaints{
    Complaint{"ModuleNotFoundError: No module named '", "'", python_module},
    Complaint{"No such file or directory: '", "'", itself},
    Complaint{"Cannot find module './", "'", node_module},
    Complaint{"module '", "' not found:", lua_module},
    Complaint{"Can't locate ", " in @INC", itself},
    Complaint{"ENOENT: no such file or directory, open '", "'", itself},
    Complaint{"fatal error: ", ": No such file", itself},
};

/// How programs say that a name has no address, or that there is no way to one.
constexpr const char* no_way = "etwork is unreachable";
constexpr std::array network_complaints{
    "ame or service not known",
    "ame resolution",
    "ould not resolve",
    "ailed to resolve",
    "no such host",
    "ENOTFOUND",
    "EAI_AGAIN",
    "nknownHost",
    "nknown host",
    "getaddrinfo",
    "not translate host",
    "roxy",
    "403",
    "eset by peer",
    no_way,
};

/// How they say that a connection broke or never stood: all that they see of an address that is refused.
constexpr std::array connection_complaints{"onnect", "ECONN", "etch failed", "hang up"};

/// Its name is allowed, and what it stands for is not.
bool is_refused_address(const NetworkAttempt& attempt)
{
    return attempt.reason.starts_with(attempt.host);
}

/// From the beginning of the line before the one that holds `place`.
std::string_view from_line_before(std::string_view text, std::size_t place)
{
    std::size_t begin = place;
    for (int line = 0; line < 2 && begin != 0; ++line) begin = text.substr(0, begin - 1).rfind('\n') + 1;
    return text.substr(begin);
}

/// The refused call that the last complaint of "not permitted" is about, when its line or the line before, which is
/// the code in a traceback, names one.
std::optional<std::string_view> refused_call(std::string_view text)
{
    const std::size_t complaint =
        std::max(text.rfind("peration not permitted") + 1, text.rfind("must be superuser") + 1);
    if (complaint == 0) return std::nullopt;
    const auto is_letter = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
    const std::vector<std::string_view> calls = refused_calls();
    std::string_view rest = from_line_before(text, complaint);
    while (!rest.empty()) {
        const auto first = std::ranges::find_if(rest, is_letter);
        const auto last = std::find_if_not(first, rest.end(), is_letter);
        const auto found = std::ranges::find(calls, std::string_view(first, last));
        if (found != calls.end()) return *found;
        rest = std::string_view(last, rest.end());
    }
    return std::nullopt;
}

std::optional<std::string> missed_file(std::string_view stderr_tail, const fs::path& directory)
{
    for (const Complaint& complaint : complaints) {
        auto name = last_between(stderr_tail, complaint.before, complaint.after);
        if (!name) continue;
        if (name->starts_with("/work/")) *name = name->substr(std::string_view("/work/").size());
        for (const std::string& candidate : complaint.candidates(*name)) {
            std::error_code ignored;
            const fs::path here = fs::path(candidate).lexically_normal();
            const fs::path beside = (directory / candidate).lexically_normal();
            if (fs::exists(here, ignored))
                return fmt::format("{} is on this host: try --file {}", here.native(), here.native());
            if (fs::exists(beside, ignored))
                return fmt::format("{} is on this host: try --file {}:{}", beside.native(), beside.native(), candidate);
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> next_step(std::string_view stderr_tail, const std::vector<NetworkAttempt>& attempts,
                                     std::string_view allow)
{
    const auto said = [&](std::string_view words) { return stderr_tail.find(words) != std::string_view::npos; };
    const bool misses_a_way = std::ranges::any_of(network_complaints, said);
    const bool misses_a_connection = misses_a_way || std::ranges::any_of(connection_complaints, said);
    std::vector<const NetworkAttempt*> refused;
    for (const NetworkAttempt& attempt : attempts)
        if (attempt.verdict == Verdict::refused && normal_host(attempt.host) &&
            (is_refused_address(attempt) ? misses_a_connection : misses_a_way))
            refused.push_back(&attempt);
    if (refused.empty() && said(no_way))
        return fmt::format("an address is reached only through the proxies: try {} with the host's name", allow);
    if (refused.empty()) return std::nullopt;
    // What the program names is what it missed; else the last that it tried.
    const auto named =
        std::ranges::find_if(refused, [&](const NetworkAttempt* attempt) { return said(attempt->host); });
    const NetworkAttempt& missed = named != refused.end() ? **named : *refused.back();
    const std::string place = missed.port == 0 ? missed.host : format_egress_rule({missed.host, missed.port});
    if (is_refused_address(missed))
        return fmt::format("{}; egress.permit in the operator's settings opens it", missed.reason);
    return fmt::format("{} is {}: try {} {}", place, missed.reason, allow, place);
}

std::optional<std::string> next_step(std::string_view stderr_tail, const fs::path& directory)
{
    if (auto missed = missed_file(stderr_tail, directory)) return missed;
    const auto call = refused_call(stderr_tail);
    if (!call) return std::nullopt;
    return fmt::format("the system call {} is refused in every sandbox", *call);
}

}  // namespace sbx::cli
