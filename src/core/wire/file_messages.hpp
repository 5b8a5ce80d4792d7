#pragma once

#include "core/wire/frame.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// Files of the sandbox, as uid 1000 sees them. Conventions: messages.hpp.
namespace sbx::wire {

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

}  // namespace sbx::wire
