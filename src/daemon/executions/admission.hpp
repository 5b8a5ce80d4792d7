#pragma once

#include "core/sandbox/condition.hpp"
#include "sbx/result.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>

namespace sbx::daemon {

/// How many may work at once, and how many may wait.
struct AdmissionBounds {
    std::size_t total = 32;
    std::size_t per_key = 16;
    std::size_t waiting_per_key = 64;
};

/// Lets work begin: so much at a time, and in turn between keys, so that who floods waits behind himself.
/// One thread.
class Admission {
   public:
    /// Leaves when it goes. The admission outlives it.
    class Place {
       public:
        Place() = default;
        Place(Admission& of, std::string key) : of_(&of), key_(std::move(key)) {}
        Place(Place&& other) noexcept : of_(std::exchange(other.of_, nullptr)), key_(std::move(other.key_)) {}
        Place& operator=(Place&&) = delete;
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        ~Place()
        {
            if (of_ != nullptr) of_->leave(key_);
        }

       private:
        Admission* of_ = nullptr;
        std::string key_;
    };

    Admission(const boost::asio::any_io_executor& executor, AdmissionBounds bounds)
        : changed_(executor), bounds_(bounds)
    {
    }

    /// Waits for its turn.
    /// @param most  of this key at a time, where that is not `per_key`
    /// @error resource_exhausted  too many of this key wait already, or it may have none
    /// @cancel terminal
    boost::asio::awaitable<Result<Place>> enter(std::string key, std::optional<std::size_t> most);
    /// Whether it would be let in at once.
    bool has_room(const std::string& key, std::optional<std::size_t> most) const;

    /// Whether it would be refused, as too many of this key wait already.
    bool is_full(const std::string& key) const;

    std::size_t working() const { return working_; }
    std::size_t waiting() const;

   private:
    struct Ticket {
        bool admitted = false;
    };
    struct Queue {
        std::size_t working = 0;
        std::size_t most = 0;  ///< as whoever came last was told
        std::deque<Ticket*> waiting;
    };
    struct Registration;

    void leave(const std::string& key);
    void admit();

    Condition changed_;
    AdmissionBounds bounds_;
    std::map<std::string, Queue> queues_;
    std::string last_;  ///< the key that was let in last
    std::size_t working_ = 0;
};

}  // namespace sbx::daemon
