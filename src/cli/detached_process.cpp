#include "cli/detached_process.hpp"

#include <csignal>
#include <cstring>

namespace sbx::cli {
namespace {

constexpr mode_t own_mode = 0600;  // of a file that is made

}  // namespace

std::vector<char*> pointers_to(std::vector<std::string>& texts)
{
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

void DetachedProcess::open(int descriptor, const char* path, int flags)
{
    ::posix_spawn_file_actions_addopen(&files_, descriptor, path, flags, own_mode);
}

Result<pid_t> DetachedProcess::start(std::vector<std::string> words, char* const* variables) const
{
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    pid_t process = 0;
    const int failed =
        ::posix_spawn(&process, "/proc/self/exe", &files_, &attributes, pointers_to(words).data(), variables);
    ::posix_spawnattr_destroy(&attributes);
    if (failed != 0) return Error(Errc::internal, std::strerror(failed));
    return process;
}

}  // namespace sbx::cli
