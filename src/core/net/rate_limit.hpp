#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace sbx {

/// Says when bytes may go on, so that no more than so many a second do over any longer while.
class RateLimit {
   public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// @param burst  so much time's worth may go at once after a pause
    RateLimit(std::uint64_t bytes_per_second, std::chrono::milliseconds burst)
        : bytes_per_second_(bytes_per_second), burst_(burst)
    {
    }

    /// Takes the room for `bytes`, which have already come.
    /// @return when the next may be asked for
    TimePoint take(std::size_t bytes, TimePoint now)
    {
        if (free_ < now - burst_) free_ = now - burst_;
        free_ += std::chrono::nanoseconds(bytes * 1'000'000'000ULL / bytes_per_second_);
        return free_;
    }

   private:
    std::uint64_t bytes_per_second_;
    std::chrono::milliseconds burst_;
    TimePoint free_;
};

}  // namespace sbx
