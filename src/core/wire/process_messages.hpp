#pragma once

#include "core/wire/frame.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// Programs: how one starts, what it is told, what became of it. Conventions: messages.hpp.
namespace sbx::wire {

/// A ceiling on one process, by setrlimit(2).
struct ResourceLimit {
    std::string resource;    ///< "cpu", "nofile", "fsize", "nproc", "stack", "core", "as", "data", "memlock"
    std::uint64_t soft = 0;  ///< in setrlimit's units
    std::uint64_t hard = 0;

    bool operator==(const ResourceLimit&) const = default;
};

struct Spawn {
    StreamId after = 0;
    std::vector<std::string> argv;  ///< argv[0] without a slash is looked up in the child's own PATH
    std::vector<std::string> env;   ///< NAME=VALUE, on top of the image's and HOME, USER, LOGNAME, LANG
    std::string cwd = "/work";
    std::uint32_t uid = 1000;  ///< never 0
    std::uint32_t gid = 1000;
    bool pty = false;  ///< one terminal instead of three pipes: everything comes on channel `out`
    std::uint32_t rows = 24;
    std::uint32_t columns = 80;
    bool input = true;       ///< false: stdin is /dev/null
    bool preloaded = false;  ///< the interpreter that was started ahead may become this program, if there is one
    std::vector<ResourceLimit> limits;
    std::vector<std::uint32_t> channels;  ///< extra descriptors 3…15, each a socket that carries bytes both ways
    std::uint32_t window = 1U << 20;      ///< how much of each output channel may be under way
    std::uint64_t drain_ms = 200;         ///< how long output may still come from children after the program's end
    bool detached = false;  ///< outlives its stream and its owner: a close, or the connection's end, leaves it alone

    bool operator==(const Spawn&) const = default;
};

struct Resize {
    std::uint32_t rows = 24;
    std::uint32_t columns = 80;

    bool operator==(const Resize&) const = default;
};

enum class Target : std::uint8_t { group, all };

/// `group`: the program's process group. `all`: every process of the sandbox but the agent, whatever the stream.
struct Signal {
    std::uint32_t signal = 0;
    Target target = Target::group;

    bool operator==(const Signal&) const = default;
};

/// What became of a program. Comes after all of its output and after every process it left was killed.
struct Exit {
    std::uint32_t code = 0;    ///< 0…255; meaningless when `signal` is set
    std::uint32_t signal = 0;  ///< that ended the program, or 0
    std::uint64_t wall_us = 0;
    std::uint64_t user_us = 0;  ///< the program and the children it waited for
    std::uint64_t system_us = 0;
    std::uint64_t peak_rss_bytes = 0;         ///< the largest of these processes
    std::int64_t start_ms = 0;                ///< wall clock, since 1970
    std::int64_t end_ms = 0;                  ///< wall clock
    bool oom = false;                         ///< the kernel killed the program itself for want of memory
    std::uint32_t oom_kills = 0;              ///< how many processes it killed so, children included
    bool disk_full = false;                   ///< /work or /tmp had less than 64 KiB or 16 inodes left
    std::uint64_t memory_peak_bytes = 0;      ///< of the sandbox; 0 when unknown
    std::uint64_t memory_limit_bytes = 0;     ///< 0 when unlimited or unknown
    std::uint64_t memory_in_files_bytes = 0;  ///< what /work, /tmp and /dev/shm hold of that memory

    bool operator==(const Exit&) const = default;
};

/// A detached program runs.
struct Started {
    std::uint64_t process = 0;  ///< its number: counted up from 1, never used again

    bool operator==(const Started&) const = default;
};

/// The detached processes: those that run and those that ended last.
struct Processes {
    StreamId after = 0;

    bool operator==(const Processes&) const = default;
};

struct ProcessInfo {
    std::uint64_t process = 0;
    std::vector<std::string> argv;  ///< its beginning, as far as the bounds go; hostile
    bool running = true;
    std::int64_t start_ms = 0;        ///< wall clock, since 1970
    Exit exit;                        ///< meaningless while it runs
    std::uint64_t dropped_bytes = 0;  ///< of its output, which are no longer kept

    bool operator==(const ProcessInfo&) const = default;
};

/// At least one of them, at most what fits into one control frame.
struct ProcessList {
    std::vector<ProcessInfo> processes;

    bool operator==(const ProcessList&) const = default;
};

/// What is kept of a detached process's output. With `follow` the stream is the process's own from then on, as if it
/// had been spawned on it; whoever had it before is told `cancelled`.
struct Attach {
    StreamId after = 0;
    std::uint64_t process = 0;
    bool follow = true;
    std::uint32_t window = 1U << 20;  ///< how much of each output channel may be under way
    bool interrupt = false;           ///< to a keeper: SIGINT, when its client is lost before it closes the stream

    bool operator==(const Attach&) const = default;
};

/// The answer to `attach`, before any data.
struct Attached {
    std::uint64_t process = 0;
    bool pty = false;
    bool input = true;                    ///< it takes data on channel `input`
    std::vector<std::uint32_t> channels;  ///< its extra ones
    std::uint64_t dropped_bytes = 0;      ///< of its output, before the first that comes

    bool operator==(const Attached&) const = default;
};

}  // namespace sbx::wire
