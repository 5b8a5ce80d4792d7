#pragma once

#include "sbx/egress.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sbx {

enum class Origin { program, sbx };
BOOST_DESCRIBE_ENUM(Origin, program, sbx)

enum class Phase { install, compile, run };
BOOST_DESCRIBE_ENUM(Phase, install, compile, run)

/// Why an execution ended.
enum class Reason { exited, signaled, timeout, oom, output_limit, disk, killed, lost };
BOOST_DESCRIBE_ENUM(Reason, exited, signaled, timeout, oom, output_limit, disk, killed, lost)

/// Where the sandbox came from.
enum class Path { pool, standby, cold, session };
BOOST_DESCRIBE_ENUM(Path, pool, standby, cold, session)

/// A file below the work directory that the program made or changed.
struct ChangedFile {
    std::string path;  ///< relative to the work directory; bytes as the kernel gave them
    std::uint64_t size_bytes = 0;

    bool operator==(const ChangedFile&) const = default;
};
BOOST_DESCRIBE_STRUCT(ChangedFile, (), (path, size_bytes))

/// The result record (DESIGN §5): what became of one run of code. Failing and timing out are results, not errors.
struct Execution {
    std::string execution_id;
    std::optional<int> exit_code;     ///< what the caller's shell sees (128+n after signal n)
    std::optional<int> signal;        ///< the signal that ended the program
    Origin origin = Origin::program;  ///< `sbx` when sbx ended it
    Phase phase = Phase::run;
    Reason reason = Reason::exited;
    std::string stdout_bytes;  ///< kept part; JSON key `stdout`, or `stdout_base64` when not UTF-8
    std::string stderr_bytes;
    bool truncated = false;  ///< the kept parts are not the whole output
    std::chrono::milliseconds wall_ms{0};
    std::chrono::milliseconds cpu_ms{0};
    std::uint64_t peak_rss_bytes = 0;
    std::chrono::system_clock::time_point start_time;
    std::chrono::system_clock::time_point end_time;
    Path path = Path::cold;
    std::vector<ChangedFile> files;
    std::vector<NetworkAttempt> network;  ///< bounded
    std::string isolation = "default";
    std::string image;
    std::string image_digest;
    bool reused = false;
};

}  // namespace sbx
