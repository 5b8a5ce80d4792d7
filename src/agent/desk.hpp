#pragma once

#include "agent/privileges.hpp"
#include "core/descriptor.hpp"
#include "core/wire/frame.hpp"
#include "core/wire/messages.hpp"

#include <string>
#include <string_view>

namespace sbx::agent {

/// @return false, with errno, when not all of it could be written
bool write_whole(int fd, std::string_view bytes);

/// What a worker's child has: the owner's data to read and frames to write. Everything blocks; that is its own time.
class Desk {
   public:
    /// @param stream  whose frames are written; 0 while nobody is to be told anything
    Desk(int in, int out, wire::StreamId stream) : in_(in), out_(out), stream_(stream) {}

    /// What is written from now on is of this stream.
    void turn_to(wire::StreamId stream) { stream_ = stream; }

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
    void send(wire::Type type, const Message& message)
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
    wire::StreamId stream_;
    std::string frames_;
    std::string incoming_;
    std::size_t taken_ = 0;
};

/// What a worker's child does at its desk: ends with the desk's `reply` or `fail`.
class Errand {
   public:
    virtual void work(Desk& desk) = 0;

   protected:
    ~Errand() = default;
};

/// A child as its parent has it.
struct WorkerChild {
    pid_t pid = -1;     ///< none
    Descriptor input;   ///< what it reads
    Descriptor output;  ///< its frames
};

/// Forks a child that drops to the user's identity, for good, and then works.
/// @return none, with errno, where that fails
WorkerChild fork_worker(wire::StreamId stream, Errand& errand);

}  // namespace sbx::agent
