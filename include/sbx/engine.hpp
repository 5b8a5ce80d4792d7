#pragma once

#include "sbx/limits.hpp"
#include "sbx/result.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sbx {

namespace asio = boost::asio;

enum class Network { none, full };
enum class Isolation { standard, gvisor };

/// A named volume that sbx made, mounted read-only.
struct Mount {
    std::string volume;
    std::string target;
    /// The engine makes a missing volume by itself, empty; with these it is still one of ours and can be filled.
    std::map<std::string, std::string> labels;

    bool operator==(const Mount&) const = default;
};

/// Where libraries are installed, and where most of them are mounted afterwards.
inline constexpr const char* library_directory = "/opt/sbx";

/// Everything an engine needs to know of a sandbox. Neutral and fixed: each engine renders it to its own form,
/// and nothing a caller says reaches that form by any other way.
struct Plan {
    std::string name;   ///< empty: the engine chooses
    std::string image;  ///< a reference or a digest that `prepare` returned
    Limits limits;
    std::vector<Mount> mounts;
    std::map<std::string, std::string> labels;
    Network network = Network::none;
    Isolation isolation = Isolation::standard;
    std::uint64_t library_bytes = 0;  ///< size of a writable `library_directory`, where an install builds; 0: none
    bool one_shot = true;             ///< end-of-file on the channel ends the sandbox; it is never attached to again
    std::vector<std::string> agent_arguments;  ///< words for the agent (docs/wire.md, "The agent's arguments")

    bool operator==(const Plan&) const = default;
};

/// A plain byte stream to the agent. One reader and one writer at a time.
class Channel {
   public:
    virtual ~Channel() = default;

    /// @return the number of bytes read; 0 at the end of the stream
    virtual asio::awaitable<Result<std::size_t>> read_some(std::span<char> into) = 0;
    /// Writes all of `bytes`, which must stay valid until then.
    virtual asio::awaitable<Result<void>> write(std::span<const char> bytes) = 0;
    /// Wakes a pending read (as end of stream) and write; a one-shot sandbox ends.
    virtual void close() = 0;
};

/// How a sandbox ended, in the engine's own words.
struct Ending {
    std::optional<int> exit_code;  ///< of the agent, not of the program; absent when the engine no longer knows
    bool oom = false;              ///< the engine saw an out-of-memory kill
    bool killed = false;           ///< somebody other than this process ended it through the engine
    std::string last_words;        ///< the end of what process 1 wrote outside of its channel: why it could not run

    bool operator==(const Ending&) const = default;
};

/// What the engine says of a sandbox that was launched. Both may be awaited at once, each by one caller.
class Life {
   public:
    virtual ~Life() = default;

    /// Completes with the engine's answer to the start. By then the program may already have written, or ended: read
    /// the channel meanwhile. After an error the container is gone.
    /// @error conflict  `is_agent_missing` tells whether the agent's volume was empty: fill it and launch again
    virtual asio::awaitable<Result<void>> started() = 0;

    /// Completes when the container has ended or is known to be gone (the wait was opened before the start).
    /// @error unavailable  the engine went away
    virtual asio::awaitable<Result<Ending>> ended() = 0;
};

/// A sandbox whose start is under way: its channel is attached and the opening is being written.
struct Launched {
    std::string id;
    std::unique_ptr<Channel> channel;
    std::unique_ptr<Life> life;
};

struct EngineInfo {
    std::string name;          ///< "docker"
    std::string version;       ///< "20.10.24"
    std::string api_version;   ///< negotiated
    std::string architecture;  ///< "amd64", "arm64"
    std::string os;
    std::string endpoint;  ///< where it was reached, as a user would write it
    std::uint32_t cpus = 0;
    std::uint64_t memory_bytes = 0;
    bool cgroup_v2 = false;
    bool seccomp = false;                        ///< system call filters work
    std::chrono::system_clock::time_point time;  ///< its clock when it was asked
    std::vector<std::string> runtimes;
    std::string storage_driver;
    std::string id;  ///< the engine's own identity; keys caches of what was verified on it
};

struct ImageInfo {
    std::string id;                 ///< sha256:…
    std::vector<std::string> tags;  ///< repository:tag
    std::vector<std::string> repo_digests;
    std::string architecture;
    std::string os;
    std::uint64_t size_bytes = 0;
    std::chrono::system_clock::time_point created;
    std::vector<std::string> env;
    std::vector<std::string> volumes;  ///< declared by the image: a reason to refuse it
    std::map<std::string, std::string> labels;
};

/// One step of a pull or a build, for people. `total` is 0 where it is not known.
struct Progress {
    std::string id;      ///< layer or step; may be empty
    std::string status;  ///< "Downloading", a line of a build
    std::uint64_t current = 0;
    std::uint64_t total = 0;
};
using ProgressSink = std::function<void(const Progress&)>;

enum class PullPolicy { missing, always, never };

/// A file of a volume's content.
struct VolumeFile {
    std::string path;  ///< relative to the volume's root
    std::string bytes;
    unsigned mode = 0644;
};

struct VolumeInfo {
    std::string name;
    std::string created;  ///< the engine's own time stamp: another one means another volume
    std::map<std::string, std::string> labels;
};

struct SandboxInfo {
    std::string id;
    std::string name;
    std::string image;
    std::string state;  ///< created, running, paused, exited, dead
    std::map<std::string, std::string> labels;
    std::chrono::system_clock::time_point created;
};

/// Something that happened to one container, oldest first.
struct EngineEvent {
    std::string action;  ///< create, start, oom, kill, die, destroy, …
    std::string id;
    std::map<std::string, std::string> attributes;
    std::chrono::system_clock::time_point time;
};

/// The message of a start that failed as the agent was not in its volume, or could not be executed from there.
inline constexpr std::string_view agent_missing = "the agent is not in its volume";

/// Whether filling the agent's volume and launching again is the remedy for `error`.
inline bool is_agent_missing(const Error& error)
{
    return error.code == Errc::conflict && error.message == agent_missing;
}

/// What runs sandboxes (DESIGN §2). Every call has a deadline and a size cap of its own, and its error a next step.
/// @error unavailable        the engine cannot be reached
/// @error deadline_exceeded  it did not answer in time
/// @cancel terminal: the connection is dropped, `cancelled` comes back
class Engine {
   public:
    virtual ~Engine() = default;

    virtual asio::awaitable<Result<EngineInfo>> probe() = 0;

    /// Makes an image usable: looks for it, pulls it as `policy` says.
    /// @error image_unavailable  not there and not to be had
    virtual asio::awaitable<Result<ImageInfo>> prepare(std::string image, PullPolicy policy, ProgressSink progress) = 0;

    /// Makes sure that a volume of this name exists, is labelled as ours and holds exactly `files`.
    /// `image` is any local image: a container of it is created, never started, to carry the files in.
    /// Concurrent calls, in this and other processes, end with one whole volume. `refill` rewrites it.
    /// @error permission_denied  a volume of that name exists and is not ours
    virtual asio::awaitable<Result<void>> fill_volume(std::string name, std::map<std::string, std::string> labels,
                                                      std::vector<VolumeFile> files, std::string image,
                                                      bool refill) = 0;
    virtual asio::awaitable<Result<std::vector<VolumeInfo>>> volumes(std::string label) = 0;
    virtual asio::awaitable<Result<VolumeInfo>> volume(std::string name) = 0;
    virtual asio::awaitable<Result<void>> remove_volume(std::string name) = 0;

    /// Makes a volume of what an uncompressed tar of this host holds; nothing of a new one is left when that fails. One
    /// that is there takes it in beside what it has. `image` is any local image, as above.
    /// @error permission_denied  there is one of that name without these labels
    virtual asio::awaitable<Result<VolumeInfo>> import_volume(std::string name,
                                                              std::map<std::string, std::string> labels,
                                                              std::filesystem::path tar, std::string image) = 0;
    /// Writes the whole content of a volume as such a tar.
    virtual asio::awaitable<Result<void>> export_volume(std::string name, std::filesystem::path tar,
                                                        std::string image) = 0;

    /// Create, attach, write `opening`, start. Of a one-shot, the hot path, the first 128 KiB of `opening` are written
    /// before the start, and it returns once that was sent: the program's first bytes come through the channel before
    /// its answer. Another one may be reached at its agent's own socket instead, which takes the start's answer.
    /// @cancel terminal: what was created is removed first, then `cancelled` comes back
    virtual asio::awaitable<Result<Launched>> launch(Plan plan, std::string opening) = 0;

    /// For pools: the two halves of `launch` without an attach.
    virtual asio::awaitable<Result<std::string>> create(Plan plan) = 0;
    virtual asio::awaitable<Result<void>> start(std::string id) = 0;
    /// Takes over a sandbox created and started so, which nobody has attached to, and writes `opening`, as `launch`
    /// does; without one, for later, perhaps to the agent's own socket. Nothing is removed when that fails.
    /// @error not_found, conflict  it has ended
    virtual asio::awaitable<Result<Launched>> adopt(std::string id, std::string opening) = 0;
    /// Attaches to a running sandbox's agent.
    virtual asio::awaitable<Result<std::unique_ptr<Channel>>> reconnect(std::string id) = 0;

    /// A new stream to the agent of a sandbox that runs, beside whatever was attached to it: to its socket, directly or
    /// through `agent connect` (docs/wire.md, "The socket").
    /// @error not_found, conflict  it has ended, or is paused
    virtual asio::awaitable<Result<std::unique_ptr<Channel>>> bridge(std::string id) = 0;

    /// Completes when the sandbox has ended.
    virtual asio::awaitable<Result<Ending>> wait(std::string id) = 0;
    virtual asio::awaitable<Result<void>> pause(std::string id) = 0;
    virtual asio::awaitable<Result<void>> resume(std::string id) = 0;
    /// Closes the sandbox's channel first: an unread one would hold the engine up.
    virtual asio::awaitable<Result<void>> kill(std::string id) = 0;
    /// Kills and removes; a sandbox that is already gone is a success. Closes its channel first.
    virtual asio::awaitable<Result<void>> remove(std::string id) = 0;
    /// Containers that carry `label` (`key` or `key=value`), ended ones included.
    virtual asio::awaitable<Result<std::vector<SandboxInfo>>> list(std::string label) = 0;
    /// What the engine still remembers of one container since `since`.
    virtual asio::awaitable<Result<std::vector<EngineEvent>>> events(std::string id,
                                                                     std::chrono::system_clock::time_point since) = 0;

    virtual asio::awaitable<Result<std::vector<ImageInfo>>> images() = 0;
    virtual asio::awaitable<Result<ImageInfo>> image(std::string reference) = 0;
    virtual asio::awaitable<Result<void>> pull(std::string reference, ProgressSink progress) = 0;
    /// Builds the uncompressed tar `context` (its `Dockerfile` at the root) and tags the result.
    virtual asio::awaitable<Result<void>> build(std::string context, std::string tag,
                                                std::map<std::string, std::string> arguments,
                                                ProgressSink progress) = 0;
    /// Makes an image of one layer from the tar of a root file system.
    virtual asio::awaitable<Result<void>> import_image(std::string tar_path, std::string reference) = 0;
    virtual asio::awaitable<Result<void>> tag_image(std::string source, std::string target) = 0;
    virtual asio::awaitable<Result<void>> remove_image(std::string reference) = 0;
};

}  // namespace sbx
