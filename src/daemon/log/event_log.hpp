#pragma once

#include <nlohmann/json.hpp>

#include <chrono>
#include <map>
#include <string>
#include <string_view>

namespace sbx::daemon {

enum class LogLevel { info, warn, error };

/// One JSON object a line (SECURITY-TARGETS §10). A log that nobody reads, or a full disk, stops nothing: what cannot
/// be written at once is dropped and counted. One thread.
class EventLog {
   public:
    /// @param descriptor  stays the caller's; -1: nothing is written
    /// @param lowest      what is less is not written
    explicit EventLog(int descriptor, LogLevel lowest = LogLevel::info) : descriptor_(descriptor), lowest_(lowest) {}

    /// @param fields  never keys, code, output or values of variables
    void write(LogLevel level, std::string_view event, nlohmann::ordered_json fields);
    /// Whether anybody reads it.
    bool is_on() const { return descriptor_ >= 0; }
    /// How many lines were not written since it began.
    std::uint64_t dropped() const { return dropped_; }

   private:
    struct Second {
        std::int64_t at = 0;
        std::size_t written = 0;
        std::size_t dropped = 0;
    };

    bool may_write(Second& second, std::int64_t now) const;
    void put(const std::string& line);

    int descriptor_;
    LogLevel lowest_;
    std::uint64_t dropped_ = 0;
    std::map<std::string, Second, std::less<>> seconds_;  ///< by event
};

/// The line of an event, its end included.
std::string log_line(std::chrono::system_clock::time_point time, LogLevel level, std::string_view event,
                     const nlohmann::ordered_json& fields);

}  // namespace sbx::daemon
