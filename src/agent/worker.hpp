#pragma once

#include "agent/channels.hpp"
#include "agent/operation.hpp"
#include "agent/privileges.hpp"
#include "core/wire/frame.hpp"

#include <string>
#include <string_view>

namespace sbx::agent {

/// @return false, with errno, when not all of it could be written
bool write_whole(int fd, std::string_view bytes);

/// What a worker's child has: the owner's data to read and frames to write. Everything blocks; that is its own time.
class Desk {
   public:
    Desk(int in, int out, StreamId stream) : in_(in), out_(out), stream_(stream) {}

    /// Reads what is there, valid until the next call; nothing at the end of the data.
    std::string_view read_some(std::size_t most);
    /// Reads exactly so many bytes. @return false at the end of the data
    bool read(char* into, std::size_t count);
    /// Moves up to so many bytes into a file.
    /// @return how many; 0 at the end of the data, -1, with errno, when the file does not take them
    long move_some(int file, std::uint64_t most);
    /// Reads and drops.
    bool skip(std::uint64_t count);

    void add_data(std::string_view bytes);
    void end_data();
    template <class Message>
    void send(Type type, const Message& message)
    {
        wire::append_frame(frames_, type, 0, stream_, wire::encode(message));
        flush();
    }
    [[noreturn]] void reply(const wire::Reply& reply);
    [[noreturn]] void fail(wire::FailureCode code, std::string message);
    /// Names the failure after errno.
    [[noreturn]] void fail_with_errno(std::string_view subject);

   private:
    void flush();

    int in_;
    int out_;
    StreamId stream_;
    std::string frames_;
    std::string incoming_;
    std::size_t taken_ = 0;
};

/// An operation on files. Its work is done by a child that has dropped to the user's identity before it touches
/// anything, so that a path can only lead where the user's own code could go anyway.
class Worker : public Operation, private wire::FrameSink {
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
    /// Runs in the child, as the user, and ends with the desk's `reply` or `fail`.
    virtual void work(Desk& desk) = 0;
    /// The child has said that it succeeded, and the owner is about to be told.
    virtual void on_success() {}

   private:
    [[noreturn]] void become_worker(int in, int out);
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
