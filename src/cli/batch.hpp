#pragma once

#include "cli/batch_input.hpp"
#include "cli/batch_jobs.hpp"
#include "cli/batch_results.hpp"
#include "cli/open_engine.hpp"
#include "cli/standard_streams.hpp"
#include "core/batch/compilations.hpp"
#include "core/lang/image_choice.hpp"
#include "core/remote/daemon_client.hpp"
#include "core/sandbox/reused_sandbox.hpp"
#include "core/sandbox/run.hpp"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>

namespace sbx::cli {

/// The flags of `batch` as typed.
struct BatchOptions {
    RunOptions run;
    std::string jobs;                  ///< a file, or `-`
    std::optional<unsigned> parallel;  ///< absent: as many as there are cores
    bool ordered = false;
    std::string results;
    std::string resume;
    std::string junit;
    std::string check = "exact";
    std::string reuse = "none";
};

/// One `sbx batch`: from the flags to the exit code. One thread; so many runs at a time.
class Batch {
   public:
    Batch(Context& context, const BatchOptions& options);

    void run();

   private:
    /// A run under way, and how to end it.
    struct Task {
        asio::cancellation_signal cancel;
        OneOffRun* run = nullptr;
        std::shared_ptr<ReusedSandbox> sandbox;  ///< or the one it has for now
    };
    /// One that waits for its next run.
    struct Idle {
        std::string key;
        std::shared_ptr<ReusedSandbox> sandbox;
    };

    Result<void> prepare();
    Result<void> open();
    Result<nlohmann::json> order_for(const PreparedJob& prepared) const;
    Result<void> look_through();
    Result<void> know(const batch::Job& job);
    Error at(const batch::Line& line, const Error& error) const;

    asio::awaitable<Result<void>> work();
    asio::awaitable<Result<void>> start_jobs();
    void start(PreparedJob job);
    asio::awaitable<void> run_job(PreparedJob job, std::uint64_t number, Task& task);
    static nlohmann::ordered_json error_line(const batch::Job& job, const Error& error);
    asio::awaitable<Result<nlohmann::ordered_json>> result_of(PreparedJob& job, Task& task);
    asio::awaitable<Result<RunResult>> execute(PreparedJob& prepared, std::string input, Task& task);
    asio::awaitable<Result<void>> find_place(PreparedJob& prepared);
    asio::awaitable<Result<void>> equip(PreparedJob& prepared, ChosenImage image);
    asio::awaitable<Result<RunResult>> execute_alone(const RunRequest& request, ProgramIo& io, Task& task);
    asio::awaitable<Result<RunResult>> execute_there(const PreparedJob& prepared, ProgramIo& io, Task& task);
    asio::awaitable<Result<RunResult>> execute_reusing(const RunRequest& request, ProgramIo& io, Task& task);
    asio::awaitable<Result<void>> open_reused(const RunRequest& request, Task& task);
    asio::awaitable<std::shared_ptr<ReusedSandbox>> take_idle(std::string key);
    asio::awaitable<void> keep(std::string key, std::shared_ptr<ReusedSandbox> sandbox);
    asio::awaitable<void> close_idle(std::size_t most);
    std::size_t most_parallel() const;
    asio::awaitable<Result<void>> ask_check(const batch::Job& job, const std::string& input,
                                            const std::string& expected, const RunResult& result,
                                            batch::Verdict& verdict, Task& task);
    asio::awaitable<Result<ChosenImage>> image_for(const Language& language, std::optional<std::string> named);
    asio::awaitable<Result<void>> check_place();

    asio::awaitable<void> watch_signals();
    asio::awaitable<void> pause();
    void give_up(const Error& why);
    void stop();
    void finish(const Result<void>& done);
    [[noreturn]] void leave_now();

    Context& context_;
    const BatchOptions& options_;
    asio::io_context io_{1};
    asio::signal_set signals_;
    StandardStreams standard_;
    BatchInput input_;
    std::optional<BatchJobs> jobs_;
    BatchResults results_;
    OpenEngine open_;
    std::unique_ptr<DaemonClient> daemon_;  ///< gives the sandboxes, instead of the engine
    ProgressLine progress_;
    batch::Compilations compilations_;
    std::map<std::string, std::optional<Result<ChosenImage>>> images_;
    std::set<std::vector<std::string>> upgraded_;           ///< libraries that were installed anew
    std::unordered_map<std::string, std::uint64_t> lines_;  ///< of the jobs that are known, by id

    Condition changed_;
    std::list<Task> running_;
    std::list<Idle> idle_;  ///< the one that has waited longest first
    std::uint64_t started_ = 0;
    bool stopping_ = false;
    bool all_written_ = false;
    int interrupted_by_ = 0;
    std::optional<Error> failure_;  ///< what ends the batch
};

}  // namespace sbx::cli
