#pragma once

#include "core/store/digest.hpp"
#include "daemon/http/message.hpp"

#include <chrono>
#include <compare>
#include <cstddef>
#include <list>
#include <map>
#include <optional>
#include <string>

namespace sbx::daemon {

struct IdempotencyBounds {
    std::chrono::seconds lifetime = std::chrono::hours(24);
    std::size_t per_owner = 1000;
    std::size_t bytes_per_owner = std::size_t{16} << 20;
    std::size_t total = 10'000;
    std::size_t total_bytes = std::size_t{64} << 20;
    std::size_t answer_bytes = std::size_t{4} << 20;
};

/// The answers to requests that had an idempotency key, in memory, each for its time. Where room runs short the oldest
/// of its owner go first, then the oldest of the owner who has most.
class IdempotentAnswers {
   public:
    using TimePoint = std::chrono::steady_clock::time_point;

    struct Name {
        std::string owner;  ///< who asked; nobody else's keys are his
        std::string key;

        auto operator<=>(const Name&) const = default;
    };
    enum class State {
        begun,          ///< it is new, and under way from now on
        kept,           ///< `answer` was given to it
        under_way,      ///< the first one is not answered yet
        other_request,  ///< the key belongs to a request that is not this one
        full,           ///< so many of this owner are under way that there is no room
    };
    struct Found {
        State state = State::begun;
        const Response* answer = nullptr;  ///< valid until the next call
    };

    explicit IdempotentAnswers(IdempotencyBounds bounds) : bounds_(bounds) {}

    /// @param request  what says that two requests are the same
    Found begin(const Name& name, const Digest& request, TimePoint now);
    /// Whether an answer is small enough to be kept.
    bool fits(const Response& answer) const;
    /// Ends what is under way. @param answer  that fits
    void keep(const Name& name, Response answer, TimePoint now);
    /// The same as though it had never begun.
    void drop(const Name& name);

    std::size_t count() const { return total_.count; }
    std::size_t bytes() const { return total_.bytes; }

   private:
    struct Entry {
        Digest request{};
        std::optional<Response> answer;
        std::size_t bytes = 0;
        TimePoint kept;
    };
    struct Usage {
        std::size_t count = 0;
        std::size_t bytes = 0;
    };

    void forget_old(TimePoint now);
    bool make_room(const std::string& owner, std::size_t count, std::size_t bytes);
    bool evict_oldest(const std::string& owner);
    const std::string& heaviest() const;
    void erase(const Name& name);

    IdempotencyBounds bounds_;
    std::map<Name, Entry> entries_;
    std::list<Name> order_;  ///< of those that have an answer, oldest first
    std::map<std::string, Usage> usage_;
    Usage total_;
};

}  // namespace sbx::daemon
