#pragma once

#include "core/wire/frame.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The control messages. Member names are the JSON keys; a missing key keeps its default, an unknown one is refused.
/// Every `std::string` is bytes: what is no clean UTF-8 travels as {"base64": "…"}. `after` is an earlier stream of the
/// same owner that must have ended well before this operation starts; when that one failed, so does this.
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

/// What the sandbox uses at this moment.
struct Measure {
    StreamId after = 0;

    bool operator==(const Measure&) const = default;
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

struct Credit {
    std::uint32_t bytes = 0;  ///< what the channel in the frame's header may carry beyond what it already may

    bool operator==(const Credit&) const = default;
};

/// An operation's success. Which members count depends on the operation.
struct Reply {
    std::uint64_t bytes = 0;    ///< moved: tar_in, tar_out, read, write
    std::uint32_t entries = 0;  ///< unpacked, packed, listed
    bool truncated = false;     ///< list: there are more

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

enum class EntryType : std::uint8_t { file, directory, symlink, other };

struct Entry {
    std::string path;  ///< relative to the directory that was asked for; hostile
    EntryType type = EntryType::file;
    std::uint64_t size_bytes = 0;
    std::int64_t mtime_ns = 0;  ///< since 1970
    std::uint32_t mode = 0;     ///< permission bits

    bool operator==(const Entry&) const = default;
};

/// At least one of them, at most what fits into one control frame.
struct Entries {
    std::vector<Entry> entries;

    bool operator==(const Entries&) const = default;
};

struct Stat {
    StreamId after = 0;
    std::string path;

    bool operator==(const Stat&) const = default;
};

/// All that is below a directory, depth first. Paths are absolute and never below /proc, /sys or /dev.
struct List {
    StreamId after = 0;
    std::string directory = "/work";
    std::uint32_t depth = 32;
    std::uint32_t max_entries = 10'000;

    bool operator==(const List&) const = default;
};

/// A regular file's bytes, as data on channel `input`, then eof and reply.
struct Read {
    StreamId after = 0;
    std::string path;
    std::uint64_t offset = 0;
    std::uint64_t max_bytes = 0;  ///< 0: to the end
    std::uint32_t window = 1U << 20;

    bool operator==(const Read&) const = default;
};

/// The owner's data up to its eof become the file's content.
struct Write {
    StreamId after = 0;
    std::string path;
    std::uint32_t mode = 0644;
    std::uint64_t max_bytes = 64U << 20;
    bool append = false;

    bool operator==(const Write&) const = default;
};

struct Mkdir {
    StreamId after = 0;
    std::string path;
    std::uint32_t mode = 0755;
    bool parents = true;

    bool operator==(const Mkdir&) const = default;
};

struct Move {
    StreamId after = 0;
    std::string from;
    std::string to;

    bool operator==(const Move&) const = default;
};

struct Remove {
    StreamId after = 0;
    std::string path;
    bool recursive = false;

    bool operator==(const Remove&) const = default;
};

/// Changes below a directory, until the stream is closed or the directory is gone (a reply then).
struct Watch {
    StreamId after = 0;
    std::string path;
    bool recursive = false;
    std::uint32_t window = 512;  ///< how many changes may be under way: channel `input` counts them, not bytes

    bool operator==(const Watch&) const = default;
};

/// `renamed`: from or to this name. `overflow`: changes were lost; no path.
enum class ChangeKind : std::uint8_t { created, written, removed, renamed, attributes, overflow };

struct Changed {
    ChangeKind kind = ChangeKind::written;
    std::string path;  ///< relative to what is watched; hostile

    bool operator==(const Changed&) const = default;
};

/// The owner's data up to its eof are a tar archive (ustar, pax, GNU long names), unpacked as uid 1000.
struct TarIn {
    StreamId after = 0;
    std::string directory = "/work";       ///< exists already
    std::uint64_t max_bytes = 256U << 20;  ///< of all files together
    std::uint32_t max_entries = 10'000;

    bool operator==(const TarIn&) const = default;
};

/// A tar archive of `paths`, read as uid 1000, as data on channel `input`, then eof and reply.
struct TarOut {
    StreamId after = 0;
    std::string directory = "/work";
    std::vector<std::string> paths;  ///< relative to `directory`, which is itself meant when there are none
    std::uint32_t window = 1U << 20;

    bool operator==(const TarOut&) const = default;
};

struct Connect {
    StreamId after = 0;
    std::uint32_t port = 0;  ///< on 127.0.0.1
    std::uint32_t window = 1U << 20;

    bool operator==(const Connect&) const = default;
};

/// The agent's request for a connection to the outside; on a stream of its own, with an even number.
struct Proxy {
    std::string host;  ///< a name; hostile
    std::uint32_t port = 0;

    bool operator==(const Proxy&) const = default;
};

/// A name that has an address of its own inside, where the agent takes connections to these ports.
struct EgressName {
    std::string host;  ///< lower case, without a dot at its end
    std::vector<std::uint32_t> ports;

    bool operator==(const EgressName&) const = default;
};

/// What leads out of the sandbox; replaces what was said before. The agent listens for it, the owner decides.
struct Egress {
    std::vector<EgressName> names;
    bool proxies = false;  ///< programs are told of the proxies, which are there when anything leads out

    bool operator==(const Egress&) const = default;
};

/// A name that a program asked for, and that leads nowhere. Each is told once.
struct NameRefused {
    std::string host;  ///< hostile

    bool operator==(const NameRefused&) const = default;
};

/// What programs may reach, as a user writes it: HOST:PORT.
struct ChangeEgress {
    StreamId after = 0;
    std::vector<std::string> allow;
    std::vector<std::string> deny;

    bool operator==(const ChangeEgress&) const = default;
};

/// @return the message as JSON text
template <class Message>
std::string encode(const Message& message);

/// @return why `json` is no such message, or nullptr
template <class Message>
const char* decode(std::string_view json, Message& message);

}  // namespace sbx::wire
