#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace test {

/// Something like a sandbox's container for one program, which becomes its process 1: own processes, mounts, network
/// and root directory; /work and /tmp as tmpfs, SETUID, SETGID and KILL as the only capabilities, a memory and a
/// process limit. The machine's own programs are in its /usr. Takes root.
class Cell {
   public:
    struct Options {
        std::vector<std::string> command;  ///< `program` is /agent inside
        std::string program;               ///< copied to /agent
        std::size_t work_bytes = 64U << 20;
        std::size_t memory_bytes = 0;  ///< 0: no limit
        unsigned pids = 0;             ///< 0: no limit
    };

    /// Starts it; `in` and `out` become its stdin and stdout and are closed here.
    Cell(const Options& options, int in, int out);
    ~Cell();
    Cell(const Cell&) = delete;
    Cell& operator=(const Cell&) = delete;

    /// Runs another program in it, as root or as somebody else, as an engine's exec does. `in` and `out` become its
    /// stdin and stdout and are closed here.
    void exec(const std::vector<std::string>& command, int in, int out, uid_t uid = 0);
    /// Process 1, as seen from outside.
    pid_t pid() const { return pid_; }
    /// @return whether process 1 has ended
    bool has_ended();
    /// How many processes it has, process 1 included.
    unsigned processes() const;
    /// What process 1 has in memory of its own: heap, stack, variables.
    std::size_t resident_bytes() const;

   private:
    void make_cgroups(const Options& options);
    [[noreturn]] void enter(const Options& options, int in, int out, int pid_pipe);
    void make_root(const Options& options) const;

    std::string root_;
    std::vector<std::string> cgroups_;
    std::string memory_cgroup_;
    std::vector<pid_t> execs_;
    pid_t outer_ = -1;  ///< lives in the machine's own process namespace and waits for process 1
    pid_t pid_ = -1;
    bool ended_ = false;
};

}  // namespace test
