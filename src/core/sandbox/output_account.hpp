#pragma once

#include "core/sandbox/run.hpp"

#include <cstdint>
#include <span>

namespace sbx {

/// Counts what a program writes against its limit, and keeps the beginning for the record.
class OutputAccount {
   public:
    /// @param request, result  outlive this
    OutputAccount(const RunRequest& request, RunResult& result) : request_(request), result_(result) {}

    /// @return the part that is within the limit
    std::span<const char> take(std::uint8_t channel, std::span<const char> bytes);
    /// The same for what is no stream's, whole or not at all.
    bool take(std::size_t bytes);
    /// Whether there was more than the limit.
    bool is_exceeded() const { return exceeded_; }

   private:
    std::uint64_t room() const;
    void keep(std::uint8_t channel, std::span<const char> bytes);

    const RunRequest& request_;
    RunResult& result_;
    std::uint64_t taken_bytes_ = 0;
    bool exceeded_ = false;
};

}  // namespace sbx
