#pragma once

#include "cli/run_options.hpp"
#include "core/batch/job.hpp"
#include "core/batch/lines.hpp"
#include "core/config/configuration.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace sbx::cli {

/// A job and the run that it means.
struct PreparedJob {
    batch::Job job;
    const Language* language = nullptr;
    std::optional<std::string> image;  ///< instead of the language's
    LibraryRequest libraries;
    RunRequest request;
    nlohmann::json order;  ///< what a daemon is asked for
};

/// What the flags of a batch and the fields of its jobs mean together; a job's own fields win.
class BatchJobs {
   public:
    /// @param options  outlive this
    /// @param check    for jobs that name none
    BatchJobs(const RunOptions& options, Configuration configuration, batch::Check check)
        : options_(options), configuration_(std::move(configuration)), check_(std::move(check))
    {
    }

    const Settings& settings() const { return configuration_.settings; }

    /// @param line  of the input
    /// @error invalid_argument, not_found, permission_denied  nothing of it has been run
    Result<PreparedJob> prepare(const batch::Line& line) const;

    /// The run of a check's own program, which finds what is to be judged in three files, named by its first arguments.
    Result<PreparedJob> prepare_check(const batch::CheckProgram& program, std::string input, std::string expected,
                                      std::string actual) const;

   private:
    Result<Settings> settings_of(const batch::Job& job) const;

    const RunOptions& options_;
    Configuration configuration_;
    batch::Check check_;
};

}  // namespace sbx::cli
