#pragma once

#include "core/wire/frame.hpp"

#include <cstdint>
#include <string>

/// What holds a connection and its streams together. Conventions: messages.hpp.
namespace sbx::wire {

struct Hello {
    std::uint32_t version = protocol_version;
    std::string build;                     ///< of the sender's program, for people
    std::uint32_t cgroup = 0;              ///< agent only: version of the cgroup hierarchy, 0 when none is visible
    std::uint64_t memory_limit_bytes = 0;  ///< agent only: 0 when unlimited or unknown

    bool operator==(const Hello&) const = default;
};

/// The first claim sets the token; later ones must show it.
struct Claim {
    std::string token;
    std::uint64_t lease_ms = 10'000;  ///< without a renewal for so long the sandbox ends
    bool one_shot = false;            ///< the sandbox is over with its last process

    bool operator==(const Claim&) const = default;
};

struct Ping {
    std::uint64_t nonce = 0;  ///< comes back in the pong

    bool operator==(const Ping&) const = default;
};

/// `lease`: renews it, with a new length. `stop`: the same, but no shorter until `cont`.
struct Lease {
    std::uint64_t ms = 10'000;

    bool operator==(const Lease&) const = default;
};

/// A message without members: cont, shutdown, close, eof, opened.
struct Nothing {
    bool operator==(const Nothing&) const = default;
};

struct Credit {
    std::uint32_t bytes = 0;  ///< what the channel in the frame's header may carry beyond what it already may

    bool operator==(const Credit&) const = default;
};

/// An operation's success. Which members count depends on the operation.
struct Reply {
    std::uint64_t bytes = 0;    ///< moved: tar_in, tar_out, read, write
    std::uint32_t entries = 0;  ///< unpacked, packed, listed
    bool truncated = false;     ///< list: there are more
    std::int64_t mtime_ns = 0;  ///< since 1970; write: of what was written

    bool operator==(const Reply&) const = default;
};

/// Why an operation failed.
enum class FailureCode : std::uint8_t {
    invalid,         ///< the request makes no sense
    denied,          ///< not claimed, a wrong token, or the kernel forbids it
    not_found,       ///< no such command, file or stream
    not_executable,  ///< the command is there and can't be run
    no_directory,    ///< the working directory can't be entered
    no_processes,    ///< fork: the sandbox's process limit
    no_memory,
    disk_full,  ///< no space or no inodes left
    too_large,  ///< beyond a cap of the request
    exists,
    cancelled,  ///< the owner closed the stream, or what it came after failed
    unsupported,
    internal,
};

struct Failure {
    FailureCode code = FailureCode::internal;
    std::string message;  ///< what and which; at most 4 KiB; the agent's word, so hostile

    bool operator==(const Failure&) const = default;
};

/// A wish to be alone with what has this name, until the stream is closed.
struct Turn {
    std::string name;       ///< 1 to `max_turn_bytes` of A-Z, a-z, 0-9, '.', '_' and '-'
    StreamId attached = 0;  ///< the client's stream that it goes on with; 0: it waits until its turn comes

    bool operator==(const Turn&) const = default;
};

/// What the sandbox uses at this moment.
struct Measure {
    StreamId after = 0;

    bool operator==(const Measure&) const = default;
};

/// Nothing that ran in the sandbox lives afterwards, and nothing that was written there is left.
struct Reset {
    StreamId after = 0;

    bool operator==(const Reset&) const = default;
};

/// The answer to `measure`, before the reply. 0 where the kernel does not say.
struct Measured {
    std::uint64_t cpu_us = 0;             ///< since the sandbox started
    std::uint64_t memory_bytes = 0;       ///< without what the kernel drops when somebody needs it
    std::uint64_t memory_peak_bytes = 0;  ///< since the sandbox started, with that
    std::uint64_t processes = 0;          ///< the agent included; threads count too
    std::uint64_t work_bytes = 0;         ///< used of /work
    std::uint64_t work_size_bytes = 0;    ///< 0 when it has no limit of its own
    std::uint64_t tmp_bytes = 0;          ///< used of /tmp
    std::uint64_t tmp_size_bytes = 0;

    bool operator==(const Measured&) const = default;
};

}  // namespace sbx::wire
