#pragma once

#include "core/config/settings.hpp"
#include "daemon/executions/executions.hpp"
#include "daemon/interpreter/file_reference.hpp"
#include "daemon/interpreter/harvest.hpp"
#include "daemon/interpreter/interpreter_language.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sbx::daemon {

struct InterpreterBounds {
    std::uint64_t memory_bytes = std::uint64_t{512} << 20;
    std::chrono::milliseconds run_time = std::chrono::seconds(30);  ///< compiling included
    std::uint64_t file_bytes = 10'485'760;                          ///< of a file, in and out
    std::size_t session_files = 100;                                ///< new files of one session
    std::size_t run_files = 256;                                    ///< that are mounted for one run
    std::chrono::minutes session_life{60};                          ///< in which a session may be named again
    std::chrono::hours file_life{24};                               ///< since its last use
};

/// Code, and the stored files that it is to find.
struct InterpreterOrder {
    std::string language;  ///< a word of find_interpreter_language
    std::string code;
    std::vector<std::string> arguments;
    std::optional<std::vector<FileReference>> files;   ///< absent: those of the session
    std::optional<std::chrono::milliseconds> timeout;  ///< clamped
    std::string session;                               ///< to go on with; one that is not there counts as none
};

/// How code ended, in the words of code interpreters.
enum class InterpreterStatus {
    good,
    RE,  ///< it failed
    SG,  ///< a signal ended it
    TO,  ///< its time was over
    OL,  ///< its stdout was cut
    EL,  ///< its stderr was cut
};

/// What code came to.
struct InterpreterEnd {
    std::string session;
    std::string output;  ///< any bytes
    std::string errors;  ///< lines of ours too
    std::vector<ProducedFile> produced;
    std::vector<MountedFile> mounted;  ///< as before the run
    std::vector<std::size_t>
        inherited;                     ///< numbers of mounted ones that are as they were, of clients that want to know
    std::vector<std::string> deleted;  ///< names
    std::vector<std::string> missing;  ///< names
    std::size_t undelivered = 0;       ///< results that could not be kept
    std::optional<int> code;
    std::optional<int> signal;
    InterpreterStatus status = InterpreterStatus::good;
    Reason reason = Reason::exited;
    std::chrono::milliseconds wall{0};
};

/// A session that is in use: others wait for their turn. The interpreter outlives it.
class SessionTurn {
   public:
    SessionTurn() = default;
    SessionTurn(std::set<std::string>& busy, Condition& changed, std::string id);
    SessionTurn(SessionTurn&& other) noexcept;
    SessionTurn& operator=(SessionTurn&&) = delete;
    SessionTurn(const SessionTurn&) = delete;
    SessionTurn& operator=(const SessionTurn&) = delete;
    ~SessionTurn();

   private:
    std::set<std::string>* busy_ = nullptr;
    Condition* changed_ = nullptr;
    std::string id_;
};

/// A run on its way, with what is to become of its files.
struct InterpreterRun {
    FileSession session;
    SessionTurn turn;
    std::size_t stored = 0;  ///< files that the session had before
    Mounts mounts;
    PreparedCode code;  ///< moved on when it starts
    Limits limits;
    std::filesystem::path results;  ///< where the files are taken out to
    HarvestRules rules;
    std::string image;  ///< for people
    std::string word;   ///< the language, as it was asked for
};

/// Runs code in sandboxes of their own, from stored files to stored files. One thread.
class Interpreter {
   public:
    /// @param executions, files, settings  outlive this
    Interpreter(const asio::any_io_executor& executor, Executions& executions, StoredFiles& files,
                const Settings& settings, InterpreterBounds bounds)
        : executions_(executions), files_(files), settings_(settings), bounds_(bounds), turned_(executor)
    {
    }

    const InterpreterBounds& bounds() const { return bounds_; }
    StoredFiles& files() { return files_; }

    /// Runs it to its end; ends it when the client goes away. What the code does wrong is a result.
    /// @error invalid_argument    there is no such language
    /// @error resource_exhausted  too many wait
    /// @error unavailable         the engine, the store or the disk
    asio::awaitable<Result<InterpreterEnd>> run(Exchange& exchange, InterpreterOrder order, Caller caller,
                                                std::string dialect);

    // The same in parts.
    asio::awaitable<Result<std::shared_ptr<InterpreterRun>>> begin(InterpreterOrder order, Caller caller);
    asio::awaitable<Result<InterpreterEnd>> conclude(std::shared_ptr<InterpreterRun> run, std::shared_ptr<Task> ended);

    bool is_busy(const std::string& session) const { return busy_.contains(session); }
    /// Whether a session may still be named.
    bool is_live(const FileSession& session) const;

   private:
    asio::awaitable<Result<FileSession>> session_of(InterpreterOrder& order, Caller caller);
    asio::awaitable<SessionTurn> take_turn(std::string id);
    Result<void> prepare_run(InterpreterRun& run, InterpreterOrder order, const Caller& caller) const;
    asio::awaitable<Result<Harvest>> collect(const InterpreterRun& run, const Result<RunResult>& result);
    asio::awaitable<Result<void>> store(InterpreterRun& run, InterpreterEnd& end, Harvest harvested);

    Executions& executions_;
    StoredFiles& files_;
    const Settings& settings_;
    InterpreterBounds bounds_;
    Condition turned_;
    std::set<std::string> busy_;
};

}  // namespace sbx::daemon
