#pragma once

#include "core/wire/agent_images.hpp"
#include "sbx/engine.hpp"
#include "sbx/execution.hpp"
#include "sbx/run.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sbx {

/// Label of a sandbox that was started ahead of its use; its value is the key.
inline constexpr const char* standby_label = "sbx.standby";

/// A run that may last longer than this goes cold.
inline constexpr std::chrono::hours longest_standby_run{12};

/// Everything that a run must have in common with a sandbox that was started ahead of it.
struct StandbySpec {
    std::string endpoint;      ///< of the engine, as a user would write it
    std::string image;         ///< the image's id, not its name: a rebuilt image is another
    std::string agent_volume;  ///< named after its content
    Limits limits;             ///< of these only what belongs to the container: memory, disk, cpus, pids
    Network network = Network::none;
    Isolation isolation = Isolation::standard;
    std::vector<Mount> libraries;
    std::vector<std::string> preload;  ///< what the agent starts ahead (docs/standby.md)
    std::string instance = "cli";      ///< who starts it; no part of the key

    bool operator==(const StandbySpec&) const = default;
};

/// What serves for a run.
StandbySpec standby_spec(const RunRequest& request, std::string endpoint, const wire::AgentImage& agent);

/// Two specs have the same key exactly when a sandbox of one serves for the other.
std::string standby_key(const StandbySpec& spec);

/// Labels cannot be given to a sandbox that is there already, and its hard end is set.
bool may_use_standby(const RunRequest& request);

struct Standby {
    std::string id;  ///< the engine's
    std::string key;
    std::string description;  ///< for people: the language
    std::chrono::system_clock::time_point expires;

    bool operator==(const Standby&) const = default;
};

/// Whether it lives long enough to be attached to.
bool is_claimable(const Standby& standby);

/// A sandbox that a run has for its own.
struct ClaimedStandby {
    std::string id;                    ///< the engine's
    std::optional<Launched> attached;  ///< where it was attached to ahead; nothing was said yet
};

/// Where a run may find a sandbox that was started ahead of it.
class StandbySource {
   public:
    virtual ~StandbySource() = default;
    /// Takes one, for good. Those that end within seconds are left to end.
    virtual std::optional<ClaimedStandby> claim(const std::string& key) = 0;
    /// What the result says of where it came from.
    virtual Path path() const = 0;
};

/// The sandboxes started ahead by this user: one file each, below a directory for each key. Whoever removes the file
/// has the sandbox, and only one can.
class StandbyStore : public StandbySource {
   public:
    /// @param state  the user's state directory; empty: there are never any
    explicit StandbyStore(const std::filesystem::path& state);

    /// @error unavailable  the directory cannot be written
    Result<void> add(const Standby& standby) const;
    std::optional<ClaimedStandby> claim(const std::string& key) override;
    Path path() const override { return Path::standby; }
    /// Takes this one. @return false when somebody else had it already
    bool claim(const Standby& standby) const;
    /// All that are there, soonest to expire first. What has expired is forgotten.
    std::vector<Standby> list() const;

   private:
    std::filesystem::path directory_;
};

/// Creates and starts a sandbox that waits for its run until `life` has passed.
/// @error what Engine::create and Engine::start give
asio::awaitable<Result<Standby>> start_standby(Engine& engine, StandbySpec spec, Mount agent,
                                               std::chrono::milliseconds life);

}  // namespace sbx
