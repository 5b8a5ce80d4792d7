#pragma once

#include "core/sandbox/condition.hpp"
#include "core/store/store.hpp"
#include "daemon/adjustments/backend.hpp"
#include "daemon/log/event_log.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace sbx::daemon {

struct AdjustmentBounds {
    std::size_t most_pending = 10'000;
    std::chrono::milliseconds attempt = std::chrono::seconds(5);
    /// Before each of the attempts that their client waits for.
    std::vector<std::chrono::milliseconds> pauses = {std::chrono::milliseconds(0), std::chrono::milliseconds(500),
                                                     std::chrono::milliseconds(1000)};
    std::chrono::milliseconds first_pause = std::chrono::seconds(2);  ///< before the next one; doubled each time
    std::chrono::milliseconds longest_pause = std::chrono::seconds(300);
    std::chrono::milliseconds age = std::chrono::hours(24 * 7);  ///< then one that is pending is given up
};

/// What somebody wants a processor to be told.
struct AdjustmentOrder {
    std::string owner;  ///< id of a key; empty: none
    std::string processor;
    std::map<std::string, nlohmann::json> adjustments;
    std::string reason;
};

/// How far it has come when its client is told.
struct AdjustmentOutcome {
    StoredAdjustment adjustment;
    std::string reason;  ///< why it is pending still, or its backend's words when it was refused; else empty
};

/// Tells the backend of adjustments: each one is in the store before it is sent, and is sent until the backend takes or
/// refuses it, those of one processor in their order. A backend may hear of one twice, with the same Idempotency-Key.
/// One thread.
class Adjustments {
   public:
    /// @param store, log  outlive this
    Adjustments(const asio::any_io_executor& executor, Store& store, EventLog& log, Backend backend,
                AdjustmentBounds bounds);

    /// Keeps one and makes the first attempts.
    /// @error resource_exhausted  too many are pending
    /// @error unavailable         the store
    asio::awaitable<Result<AdjustmentOutcome>> accept(AdjustmentOrder order);
    /// @param owner  absent: whoever it is
    /// @error not_found
    asio::awaitable<Result<StoredAdjustment>> find(std::string id, std::optional<std::string> owner);
    std::size_t pending() const;
    /// Where the backend is, to be shown.
    std::string place() const { return backend_.url.place(); }

    /// Sends what is pending, that of earlier daemons too, until `close`.
    asio::awaitable<void> serve();
    /// Begins no further attempt, and waits for those under way.
    asio::awaitable<void> close();

   private:
    using TimePoint = Condition::TimePoint;

    /// Those of one processor that are pending, in their order.
    struct Queue {
        std::deque<std::string> ids;
        std::string last_error;  ///< of the last attempt
        bool is_busy = false;    ///< an attempt is under way
        std::chrono::milliseconds pause{0};
        TimePoint next;  ///< when it is tried again, if no client comes before
    };

    asio::awaitable<Result<void>> load();
    Queue& queue_of(const std::string& processor);
    asio::awaitable<Result<AdjustmentOutcome>> first_attempts(std::string id, std::string processor);
    asio::awaitable<void> work();
    asio::awaitable<void> deliver_later(std::string processor);
    /// Sends what a processor's queue has until an attempt fails.
    asio::awaitable<void> deliver(std::string processor);
    /// The same for a client: where somebody else does it, his result counts.
    asio::awaitable<void> see_delivered(std::string processor, TimePoint until);
    /// @return whether the first one has ended
    asio::awaitable<bool> settle_first(Queue& queue);
    asio::awaitable<Verdict> attempt(StoredAdjustment& adjustment);
    void tell(const StoredAdjustment& adjustment, const Verdict& verdict);
    std::map<std::string, Queue>::iterator next_due();

    asio::any_io_executor executor_;
    Store& store_;
    EventLog& log_;
    Backend backend_;
    AdjustmentBounds bounds_;
    SystemResolver resolver_{SearchList::used};
    std::map<std::string, Queue> queues_;  ///< by processor; none is empty for long
    Condition changed_;
    bool loaded_ = false;
    bool closed_ = false;
};

}  // namespace sbx::daemon
