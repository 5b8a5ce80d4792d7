#pragma once

#include "core/sandbox/agent_link.hpp"
#include "core/sandbox/output_directory.hpp"

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>

namespace sbx {

/// Unpacks an archive while it comes, on a thread of its own, as that blocks. Holds what the agent was let send, no
/// more.
class Unpacking : public StreamSink {
   public:
    /// @param link                    outlives this; is notified of progress and of the end
    /// @param directory, limit_bytes  as of unpack_below
    Unpacking(AgentLink& link, std::filesystem::path directory, std::uint64_t limit_bytes);
    /// Waits for the thread, which finds the archive cut off here.
    ~Unpacking() override;
    Unpacking(const Unpacking&) = delete;
    Unpacking& operator=(const Unpacking&) = delete;

    void on_data(std::uint8_t channel, std::span<const char> bytes) override;
    /// Nothing more comes.
    void end();

    /// How many bytes were written out since the last call.
    std::size_t take_written();
    /// Whether all that came is written out.
    bool is_starved();
    /// What unpack_below gave; nothing while it is under way.
    std::optional<Result<Unpacked>> result();

   private:
    void run(const std::filesystem::path& directory, std::uint64_t limit_bytes);
    std::span<const char> next();
    void notify();

    std::shared_ptr<AgentLink*> link_;  ///< news of the thread's may still be on their way when this is gone
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string coming_;
    std::string taken_;  ///< the thread's own, as long as it runs
    std::size_t written_ = 0;
    bool starved_ = false;
    bool ended_ = false;
    std::optional<Result<Unpacked>> result_;
    std::thread thread_;
};

}  // namespace sbx
