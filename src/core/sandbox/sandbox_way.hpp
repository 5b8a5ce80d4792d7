#pragma once

#include "core/sandbox/run.hpp"
#include "core/sandbox/standby.hpp"
#include "sbx/run.hpp"

#include <optional>
#include <string>

namespace sbx {

/// How a run comes to its single-use sandbox.
class SandboxWay {
   public:
    virtual ~SandboxWay() = default;

    /// @param request  outlives the call
    /// @param opening  what is written to the sandbox before anything else
    /// @error what Engine::launch gives
    virtual asio::awaitable<Result<Launched>> open(const RunRequest& request, std::string opening) = 0;
    /// Ends a sandbox that may not end by itself.
    virtual asio::awaitable<void> remove(std::string id) = 0;
    /// Whether it was started ahead of the run.
    virtual bool is_standby() const = 0;
};

/// One that is made for the run.
class ColdWay : public SandboxWay {
   public:
    /// @param engine  outlives this
    ColdWay(Engine& engine, Mount agent) : engine_(engine), agent_(std::move(agent)) {}

    asio::awaitable<Result<Launched>> open(const RunRequest& request, std::string opening) override;
    asio::awaitable<void> remove(std::string id) override;
    bool is_standby() const override { return false; }

   private:
    Engine& engine_;
    Mount agent_;
};

/// One that waits.
class StandbyWay : public SandboxWay {
   public:
    /// @param engine  outlives this
    StandbyWay(Engine& engine, ClaimedStandby standby) : engine_(engine), standby_(std::move(standby)) {}

    asio::awaitable<Result<Launched>> open(const RunRequest& request, std::string opening) override;
    asio::awaitable<void> remove(std::string id) override;
    bool is_standby() const override { return true; }

   private:
    Engine& engine_;
    ClaimedStandby standby_;
};

/// Whether another sandbox can be tried: the one that waited had ended before its agent spoke.
bool never_began(bool has_begun, const Result<RunResult>& result);

/// What a single-use sandbox for the run is made of.
/// @param agent  the agent's volume
Plan plan_of(const RunRequest& request, Mount agent);

/// Writes what the sandbox's agent is to hear first.
asio::awaitable<Result<Launched>> say_opening(Launched launched, std::string opening);

}  // namespace sbx
