#pragma once

#include "sbx/egress.hpp"
#include "sbx/engine.hpp"
#include "sbx/limits.hpp"
#include "sbx/result.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sbx {

BOOST_DESCRIBE_ENUM(Network, none, full)
BOOST_DESCRIBE_STRUCT(Mount, (), (volume, target, labels))

/// Why a sandbox is over.
enum class Cause { ttl, idle, oom, killed, stopped, lost };
BOOST_DESCRIBE_ENUM(Cause, ttl, idle, oom, killed, stopped, lost)

/// A sandbox that outlives the command that made it: all that this host knows of it. Times are Unix milliseconds.
struct SandboxRecord {
    std::string id;                ///< twenty letters and digits
    std::string name;              ///< may be empty
    std::string container;         ///< the engine's id; empty until it was made
    std::string endpoint;          ///< of the engine, for people
    std::string docker_host;       ///< the settings that lead to it
    std::string docker_context;    ///< likewise
    std::string image;             ///< the image's id
    std::string image_name;        ///< as the user knows it
    std::string architecture;      ///< the image's
    std::vector<Mount> libraries;  ///< beside the agent's volume
    Limits limits;
    Network network = Network::none;
    std::vector<std::string> allow;                                ///< rules, as `format_egress_rule` writes them
    std::vector<std::string> permit;                               ///< address ranges of the operator
    std::vector<NetworkAttempt> attempts;                          ///< what programs tried to reach
    std::map<std::string, std::string> labels;                     ///< of the user, without a prefix
    std::map<std::string, std::string> metadata;                   ///< any texts, for whoever asked for it
    std::vector<std::pair<std::string, std::string>> environment;  ///< of every program
    std::string directory = "/work";                               ///< where programs start
    std::string token;                                             ///< what its agent wants to be shown
    std::string instance = "cli";                                  ///< who made it, as its container's label says
    std::string owner;                                             ///< the key that a daemon made it for; may be empty
    std::string dialect;                                           ///< that it was asked for in; may be empty
    std::chrono::milliseconds created{0};
    std::chrono::milliseconds deadline{0};          ///< the end of its life
    std::optional<std::chrono::milliseconds> idle;  ///< it ends when unused for so long
    std::optional<Cause> cause;                     ///< absent while it lives
    std::chrono::milliseconds ended{0};

    bool operator==(const SandboxRecord&) const = default;
};
BOOST_DESCRIBE_STRUCT(SandboxRecord, (),
                      (id, name, container, endpoint, docker_host, docker_context, image, image_name, architecture,
                       libraries, limits, network, allow, permit, attempts, labels, metadata, environment, directory,
                       token, instance, owner, dialect, created, deadline, idle, cause, ended))

/// A record as it was written.
/// @error invalid_argument
Result<SandboxRecord> parse_sandbox_record(const std::string& json);

/// Now, as records have it.
std::chrono::milliseconds record_time();

/// A name of a sandbox: letters, digits, `.`, `_`, `-`, at most 64.
bool is_sandbox_name(std::string_view text);

/// The sandboxes of this user: a directory each, below the state directory, of mode 0700. Its record is replaced by
/// rename; the keeper's sockets and lock are beside it.
class SandboxStore {
   public:
    /// @param state  the user's state directory; empty: nothing can be kept
    explicit SandboxStore(const std::filesystem::path& state);

    /// Makes the record's id and its directory, and writes it down. Only one of several callers gets a name.
    /// @error conflict           a living sandbox of the same owner has that name
    /// @error invalid_argument   no name for a sandbox
    /// @error unavailable, permission_denied  the directory cannot be written
    Result<SandboxRecord> add(SandboxRecord record) const;
    Result<void> write(const SandboxRecord& record) const;
    /// Keeps the record of a sandbox that another store has.
    /// @error invalid_argument  its id is none
    Result<void> copy(const SandboxRecord& record) const;
    /// What is called before one sandbox is looked for: `find` fails when it does.
    void set_refresh(std::function<Result<void>()> refresh) { refresh_ = std::move(refresh); }
    /// Calls it.
    Result<void> refresh() const { return refresh_ ? refresh_() : Result<void>(); }
    /// Forgets a sandbox, its directory with it.
    void forget(const SandboxRecord& record) const;

    /// All that are known, oldest first.
    std::vector<SandboxRecord> list() const;
    /// By id, by name (of the living first), or by the beginning of an id.
    /// @error not_found  no such sandbox
    /// @error conflict   several ids begin so
    Result<SandboxRecord> find(const std::string& text) const;
    /// Reads the record again.
    std::optional<SandboxRecord> read(const std::string& id) const;

    std::filesystem::path directory_of(const std::string& id) const { return directory_ / id; }
    std::filesystem::path socket_of(const std::string& id) const { return directory_of(id) / "keeper.sock"; }
    /// Held by the keeper as long as it is there.
    std::filesystem::path lock_of(const std::string& id) const { return directory_of(id) / "keeper.lock"; }

   private:
    std::optional<SandboxRecord> load(const std::string& id) const;

    std::filesystem::path directory_;
    std::function<Result<void>()> refresh_;
};

}  // namespace sbx
