#pragma once

#include "core/sandbox/program_io.hpp"
#include "core/sandbox/running_program.hpp"
#include "core/sandbox/standby.hpp"
#include "core/wire/agent_images.hpp"
#include "sbx/engine.hpp"
#include "sbx/execution.hpp"
#include "sbx/run.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sbx {

class OneShot;
class SandboxWay;

/// A run's result and what else a person may want to be told.
struct RunResult {
    Execution execution;
    std::string explanation;            ///< why sbx ended the program, with the next step; empty when there is nothing
    std::vector<std::string> warnings;  ///< files that were left out, say
    std::string last_words;             ///< the end of what the program wrote to stderr, or to its terminal
    std::vector<std::string> removed;   ///< input files that are no longer below the work directory
    std::string report;                 ///< the beginning of what it wrote on descriptor 3: any bytes
};

/// Whether sandboxes can be made of an image.
/// @param name  as the user knows it
/// @return the agent for it
/// @error permission_denied, image_unavailable
Result<const wire::AgentImage*> check_image(const ImageInfo& image, const std::string& name);

/// Runs code once in a sandbox of its own, which is gone afterwards whatever happens.
class OneOffRun : public RunningProgram {
   public:
    /// @param io  outlives this
    OneOffRun(asio::any_io_executor executor, ProgramIo& io, RunRequest request);
    ~OneOffRun() override;
    OneOffRun(const OneOffRun&) = delete;
    OneOffRun& operator=(const OneOffRun&) = delete;

    /// @return what became of the program; failing, timing out and being killed are results, not errors
    /// @error not_found          no such command in the image
    /// @error permission_denied  the command cannot be executed; an image or a volume is refused
    /// @error too_large          the input files do not fit
    /// @error unavailable        the engine cannot be reached
    /// @cancel terminal, as long as `signal` says false: what was created is removed, then `cancelled` comes back
    virtual asio::awaitable<Result<RunResult>> execute() = 0;

    bool signal(int number) override;
    void resize(TerminalSize size) override;
    void stopping() override;
    void continued() override;

   protected:
    /// What came of one attempt.
    struct Attempt {
        Result<RunResult> result;
        bool has_begun = false;  ///< else nothing ran, and nothing of stdin was taken from a standby's run
    };
    asio::awaitable<Attempt> attempt(SandboxWay& way);

    RunRequest& request() { return request_; }
    const RunRequest& request() const { return request_; }

   private:
    asio::any_io_executor executor_;
    ProgramIo& io_;
    RunRequest request_;
    std::unique_ptr<OneShot> one_shot_;
};

/// One in a sandbox of this engine's.
class Run : public OneOffRun {
   public:
    /// @param endpoint  where the engine is, as a user would write it
    /// @param standbys  outlive this
    /// @param cache     directory for what was verified of the engine
    Run(asio::any_io_executor executor, Engine& engine, ProgramIo& io, RunRequest request, std::string endpoint,
        StandbySource& standbys, std::filesystem::path cache);

    asio::awaitable<Result<RunResult>> execute() override;

   private:
    asio::awaitable<std::optional<Result<RunResult>>> execute_in_standby(const wire::AgentImage& agent);
    asio::awaitable<Result<RunResult>> execute_cold(const wire::AgentImage& agent);

    Engine& engine_;
    std::string endpoint_;
    StandbySource& standbys_;
    std::filesystem::path cache_;
};

}  // namespace sbx
