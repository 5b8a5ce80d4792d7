#pragma once

#include "core/sandbox/condition.hpp"
#include "core/sandbox/session_run.hpp"
#include "daemon/sandboxes/sandboxes.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace sbx::daemon {

/// What a program in the background writes, for any number of readers at once. It is attached to the program for as
/// long as anybody reads. The slowest reader sets the pace; one that comes late gets first what is kept. One thread.
class ProcessFeed : public ProgramIo, public std::enable_shared_from_this<ProcessFeed> {
   public:
    struct Piece {
        OutputStream stream = OutputStream::out;
        std::string bytes;
        std::uint64_t end = 0;  ///< how many bytes had been written with it
    };

    /// One reader, for as long as it reads.
    class Reader {
       public:
        explicit Reader(std::shared_ptr<ProcessFeed> feed);
        ~Reader();
        Reader(const Reader&) = delete;
        Reader& operator=(const Reader&) = delete;

        /// What comes next. @param is_gone  it gives up; after `notify`
        /// @return nothing at the end, which `ProcessFeed::end` tells
        asio::awaitable<std::optional<Piece>> next(const bool& is_gone);

       private:
        friend class ProcessFeed;
        std::shared_ptr<ProcessFeed> feed_;
        std::uint64_t taken_ = 0;  ///< bytes
    };

    /// @param sandboxes  outlive this
    ProcessFeed(const asio::any_io_executor& executor, const Sandboxes& sandboxes, std::shared_ptr<Living> living,
                std::uint64_t process);

    /// Attaches until the program's end, or until nobody reads any more.
    asio::awaitable<void> serve();
    /// SIGKILL to the program's group, as soon as it is attached.
    void kill();
    void notify() { changed_.notify_all(); }
    /// Waits for its end, for a moment.
    asio::awaitable<void> wait(std::chrono::milliseconds moment);

    /// What became of the program, once it is known.
    /// @error not_found  there is no such program
    /// @error cancelled  somebody else follows it now
    const std::optional<Result<RunResult>>& end() const { return end_; }
    /// Whether a new reader comes too late for it.
    bool is_over() const { return end_ || is_left_; }

    asio::awaitable<Result<void>> write(OutputStream stream, std::span<const char> bytes) override;
    asio::awaitable<Result<std::size_t>> read(std::span<char> into) override;
    void stop_reading() override;

   private:
    asio::awaitable<Result<RunResult>> follow();
    std::uint64_t taken_by_slowest() const;
    void forget_old();

    const Sandboxes& sandboxes_;
    std::shared_ptr<Living> living_;
    std::uint64_t process_;
    Condition changed_;
    std::deque<Piece> pieces_;
    std::uint64_t written_ = 0;  ///< bytes
    std::set<const Reader*> readers_;
    SessionRun* run_ = nullptr;
    bool takes_no_input_ = false;
    bool is_left_ = false;  ///< nobody reads any more
    std::optional<Result<RunResult>> end_;
};

/// The feeds that there are: one of a program at a time.
class ProcessFeeds {
   public:
    /// @param sandboxes  outlive this
    explicit ProcessFeeds(const Sandboxes& sandboxes) : sandboxes_(sandboxes) {}

    /// Of a program by its number, whether there is such a one or not.
    std::shared_ptr<ProcessFeed> open(const asio::any_io_executor& executor, std::shared_ptr<Living> living,
                                      std::uint64_t process);

   private:
    const Sandboxes& sandboxes_;
    std::map<std::pair<std::string, std::uint64_t>, std::weak_ptr<ProcessFeed>> feeds_;
};

}  // namespace sbx::daemon
