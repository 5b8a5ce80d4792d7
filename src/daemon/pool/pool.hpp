#pragma once

#include "core/sandbox/condition.hpp"
#include "core/sandbox/standby.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace sbx::daemon {

struct PoolBounds {
    std::size_t most_of_a_kind = 8;
    std::size_t most = 16;
    std::chrono::minutes life{30};    ///< of a sandbox that nobody claims
    std::chrono::minutes forget{10};  ///< a kind that nobody asked for in so long gets no more
};

/// Sandboxes that are started before they are asked for, in memory: each is used once. How many of a kind there are
/// follows demand. One thread.
class Pool : public StandbySource {
   public:
    /// @param engine    outlives this
    /// @param endpoint  where it is, as a user would write it
    /// @param cache     directory for what was verified of the engine
    /// @param instance  value of the sandboxes' label
    Pool(const asio::any_io_executor& executor, Engine& engine, std::string endpoint, std::filesystem::path cache,
         std::string instance, PoolBounds bounds);

    /// A run of this kind is about to be made: keep some ready from now on.
    /// @param description  for people: the language
    void expect(const RunRequest& run, const std::string& description);
    /// The same ahead of any run. @param least  how many are kept however few are asked for
    void warm(const RunRequest& run, const std::string& description, std::size_t least);

    std::optional<ClaimedStandby> claim(const std::string& key) override;
    Path path() const override { return Path::pool; }

    /// Starts what is missing, one at a time, until `close`.
    asio::awaitable<void> serve();
    /// Starts nothing more, and removes those that wait.
    asio::awaitable<void> close();

    struct Kind {
        std::string description;
        std::string image;  ///< as the user knows it
        std::size_t ready = 0;
        std::size_t wanted = 0;
        std::uint64_t claimed = 0;  ///< in all
        std::uint64_t missed = 0;   ///< how often there was none
    };
    std::vector<Kind> kinds() const;
    /// What was claimed of a description, kinds that are no more included.
    struct Claims {
        std::uint64_t claimed = 0;
        std::uint64_t missed = 0;
    };
    const std::map<std::string, Claims>& claims() const { return claims_; }
    std::size_t ready() const;

   private:
    using Clock = std::chrono::steady_clock;
    struct Waiting {
        Standby standby;
        Launched attached;
    };
    struct Shelf {
        Kind kind;
        StandbySpec spec;
        std::string architecture;
        std::size_t least = 0;
        std::deque<Waiting> standbys;
        Clock::time_point asked = Clock::now();
        Clock::time_point failed = Clock::time_point::min();
    };

    Shelf& shelf_of(const RunRequest& run, const std::string& description);
    Shelf* next_to_fill();
    void forget_unasked();
    asio::awaitable<void> rest(bool has_work);
    asio::awaitable<void> fill(std::string key);
    asio::awaitable<Result<Waiting>> start(StandbySpec spec, std::string architecture);
    asio::awaitable<Result<Standby>> start_one(StandbySpec spec, std::string architecture);
    bool may_fill(const Shelf& shelf) const;

    Engine& engine_;
    std::string endpoint_;
    std::filesystem::path cache_;
    std::string instance_;
    PoolBounds bounds_;
    Condition changed_;
    std::map<std::string, Shelf> shelves_;  ///< by the key of standbys
    std::map<std::string, Claims> claims_;
    std::vector<std::string> discarded_;                    ///< ids of those to be removed
    Clock::time_point claimed_ = Clock::time_point::min();  ///< the last time that one was
    bool closed_ = false;
    bool serving_ = false;
};

}  // namespace sbx::daemon
