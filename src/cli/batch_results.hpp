#pragma once

#include "cli/context.hpp"
#include "cli/progress.hpp"
#include "core/batch/junit.hpp"
#include "core/batch/verdict.hpp"
#include "core/descriptor.hpp"
#include "core/sandbox/condition.hpp"
#include "core/sandbox/program_io.hpp"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>

namespace sbx::cli {

/// Where the results of a batch go.
struct ResultPlaces {
    std::string file;  ///< empty: stdout
    bool resumes = false;
    bool in_order = false;
    std::string junit;
    std::string suite;  ///< the report's name
};

/// The results of a batch on their way out: one line each, counted, and told to the report. No more than so many wait.
class BatchResults {
   public:
    BatchResults(const boost::asio::any_io_executor& executor, ProgramIo& standard)
        : changed_(executor), standard_(standard)
    {
    }

    /// @error invalid_argument, conflict, permission_denied  nothing has been run
    Result<void> open(const ResultPlaces& places);
    /// Whether an earlier batch has this job's result.
    bool has(const std::string& id) const { return earlier_.contains(id); }

    /// Takes the result of the job that was started as the `number`th, from 0.
    void put(std::uint64_t number, const nlohmann::ordered_json& line);
    /// Waits until the job `number` may be started.
    boost::asio::awaitable<void> wait_for_room(std::uint64_t number);
    /// Writes what comes until `end`; completes at a failure too.
    /// @error cancelled    the reader is gone
    /// @error unavailable  they cannot be written
    boost::asio::awaitable<Result<void>> write_all();
    /// No more jobs are started: nobody has to wait for room.
    void stop_starting();
    /// Nothing more will come.
    void end();
    /// The report takes its place.
    Result<void> finish_report();
    /// The report is given up.
    void drop_report() { junit_.reset(); }

    /// Shows how far it is, on a terminal, until `end`.
    boost::asio::awaitable<void> show_progress(ProgressLine& line);
    void expect(std::uint64_t jobs) { expected_ = jobs; }
    /// `12 runs, 11 passed, 1 failed in 3.2 s (3.8 runs/s)`
    std::string summary() const;
    bool all_well() const { return failed_ == 0 && errors_ == 0; }
    bool is_file() const { return static_cast<bool>(file_); }

   private:
    Result<void> open_file(const ResultPlaces& places);
    Result<void> count(const batch::Outcome& outcome);
    boost::asio::awaitable<Result<void>> write(std::string line);
    Result<void> append(std::string_view line);
    std::optional<std::string> take_next();
    std::string progress() const;

    Condition changed_;
    ProgramIo& standard_;
    Descriptor file_;
    std::string file_name_;
    std::uint64_t file_bytes_ = 0;  ///< of whole lines
    bool in_order_ = false;
    std::optional<batch::Junit> junit_;
    std::unordered_set<std::string> earlier_;

    std::map<std::uint64_t, std::string> waiting_;  ///< by number; without an order, by when they came
    std::uint64_t waiting_bytes_ = 0;
    std::uint64_t next_ = 0;   ///< to be written
    std::uint64_t taken_ = 0;  ///< without an order, the last number that was given
    bool starts_more_ = true;
    bool ended_ = false;
    std::optional<Error> failure_;  ///< of the report

    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    std::uint64_t expected_ = 0;  ///< jobs in all; 0 where that is not known
    std::uint64_t done_ = 0;      ///< earlier ones too
    std::uint64_t passed_ = 0;
    std::uint64_t failed_ = 0;
    std::uint64_t errors_ = 0;
};

}  // namespace sbx::cli
