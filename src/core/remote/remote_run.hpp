#pragma once

#include "core/remote/daemon_client.hpp"
#include "core/sandbox/run.hpp"

#include <nlohmann/json.hpp>

#include <chrono>

namespace sbx {

/// What a daemon may take before it has a sandbox to give: a pull and an install, each of ten minutes.
inline constexpr auto longest_preparation = std::chrono::minutes(21);

/// A one-off run whose sandbox is a daemon's: the program is moved from here, as if the sandbox were this machine's.
/// Which image, which libraries and whether a sandbox waits for it is the daemon's affair.
class RemoteRun : public OneOffRun {
   public:
    /// @param client, io  outlive this
    /// @param wanted      what the sandbox is asked for with: the body of `POST /v1/client/runs`
    RemoteRun(asio::any_io_executor executor, DaemonClient& client, ProgramIo& io, RunRequest request,
              nlohmann::json wanted);

    asio::awaitable<Result<RunResult>> execute() override;

   private:
    asio::awaitable<Result<RunResult>> execute_once(bool& never_ran);

    DaemonClient& client_;
    nlohmann::json wanted_;
};

}  // namespace sbx
