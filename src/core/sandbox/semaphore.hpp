#pragma once

#include "core/sandbox/condition.hpp"

#include <cstddef>
#include <utility>

namespace sbx {

/// Places of which coroutines of one thread hold one each; who finds none waits for one to be given back.
class Semaphore {
   public:
    /// Gives its place back when it goes. The semaphore outlives it.
    class Place {
       public:
        explicit Place(Semaphore& of) : of_(&of) { --of_->free_; }
        Place(Place&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
        Place& operator=(Place&&) = delete;
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        ~Place()
        {
            if (of_ == nullptr) return;
            ++of_->free_;
            of_->changed_.notify_all();
        }

       private:
        Semaphore* of_;
    };

    Semaphore(const boost::asio::any_io_executor& executor, std::size_t places) : changed_(executor), free_(places) {}

    /// @cancel terminal
    boost::asio::awaitable<Place> acquire()
    {
        while (free_ == 0) co_await changed_.wait(std::nullopt);
        co_return Place(*this);
    }

   private:
    Condition changed_;
    std::size_t free_;
};

}  // namespace sbx
