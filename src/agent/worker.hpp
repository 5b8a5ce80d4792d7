#pragma once

#include "agent/channels.hpp"
#include "agent/desk.hpp"
#include "agent/operation.hpp"
#include "core/wire/frame.hpp"

#include <string>

namespace sbx::agent {

/// An operation on files. Its work is done by a child that has dropped to the user's identity before it touches
/// anything, so that a path can only lead where the user's own code could go anyway.
class Worker : public Operation, public Errand, private wire::FrameSink {
   public:
    /// @param has_input   the owner sends data
    /// @param window      how much data the owner takes; 0 when there is none
    Worker(Sandbox& sandbox, StreamId id, StreamId after, bool has_input, std::uint32_t window);

    void collect(PollSet& set) override;
    void on_ready(int fd, short events) override;
    bool on_reaped(pid_t pid, int status, const rusage& usage) override;
    void settle() override;
    const char* on_data(std::uint8_t channel, std::span<const char> bytes) override;
    const char* on_eof(std::uint8_t channel) override;
    const char* on_credit(std::uint8_t channel, std::uint32_t bytes) override;
    void on_close() override;
    bool is_disposable() const override { return pid_ < 0 || reaped_; }

   protected:
    void run() override;
    /// The frame that asks for this, where a child that waits for any may be the one.
    virtual std::string request_frame() const { return {}; }
    /// The child has said that it succeeded, and the owner is about to be told.
    virtual void on_success() {}

   private:
    void fail_to_fork();
    void relay();
    const char* on_control(const wire::Header& header, std::string_view json) override;
    const char* on_bytes(const wire::Header& header, std::span<const char> piece) override;
    void close_input_when_done();

    bool has_input_;
    bool has_output_;
    Inlet inlet_;
    Descriptor to_child_;
    Outlet outlet_;  ///< carries the child's frames; its credit is that of the data in them
    wire::Decoder decoder_{wire::Direction::to_owner};
    pid_t pid_ = -1;
    bool reaped_ = false;
    std::uint64_t oom_kills_before_ = 0;
};

}  // namespace sbx::agent
