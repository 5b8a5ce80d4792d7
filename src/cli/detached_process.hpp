#pragma once

#include "sbx/result.hpp"

#include <spawn.h>
#include <sys/types.h>

#include <string>
#include <vector>

namespace sbx::cli {

/// The words as `exec` wants them: valid as long as the texts are.
std::vector<char*> pointers_to(std::vector<std::string>& texts);

/// This very program, to be started once more in a session of its own: it outlives whoever starts it, has no terminal,
/// and no signal is blocked or ignored.
class DetachedProcess {
   public:
    DetachedProcess() { ::posix_spawn_file_actions_init(&files_); }
    ~DetachedProcess() { ::posix_spawn_file_actions_destroy(&files_); }
    DetachedProcess(const DetachedProcess&) = delete;
    DetachedProcess& operator=(const DetachedProcess&) = delete;

    // Its descriptors, made in the order of the calls.
    /// @param flags  of open(2)
    void open(int descriptor, const char* path, int flags);
    void duplicate(int from, int to) { ::posix_spawn_file_actions_adddup2(&files_, from, to); }

    /// @param words  the first is what it is to be called
    /// @error internal  it cannot be started
    Result<pid_t> start(std::vector<std::string> words, char* const* variables) const;

   private:
    posix_spawn_file_actions_t files_{};
};

}  // namespace sbx::cli
