#include "agent/worker.hpp"

#include "agent/accounting.hpp"
#include "agent/pipes.hpp"
#include "core/wire/file_window.hpp"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>

namespace sbx::agent {
namespace {

using wire::FailureCode;

constexpr std::size_t relay_bytes = 256 << 10;

}  // namespace

Worker::Worker(Sandbox& sandbox, StreamId id, StreamId after, bool has_input, std::uint32_t window)
    : Operation(sandbox, id, after),
      has_input_(has_input),
      has_output_(window > 0),
      inlet_(id, wire::Channel::input, wire::file_window),
      outlet_(id, wire::Channel::input, has_output_ ? std::min(window, wire::max_window) : 1)
{
}

void Worker::run()
{
    oom_kills_before_ = read_oom_kills();
    sandbox_.childless = false;
    WorkerChild child = sandbox_.spare.take(request_frame());
    if (child.pid < 0) child = fork_worker(id(), *this);
    if (child.pid < 0) return fail_to_fork();
    pid_ = child.pid;
    to_child_ = std::move(child.input);
    outlet_.open(std::move(child.output));
    make_nonblocking(to_child_.get());
    make_nonblocking(outlet_.fd());
    if (has_input_) widen_pipe(to_child_.get());
    if (has_output_) widen_pipe(outlet_.fd());
    inlet_.attach(to_child_.get());
    inlet_.flush(uplink());
    close_input_when_done();
}

void Worker::fail_to_fork()
{
    if (errno == EAGAIN) return fail(FailureCode::no_processes, "the sandbox has no processes left");
    if (errno == ENOMEM) return fail(FailureCode::no_memory, "no memory for another process");
    fail(FailureCode::internal, "can't make a pipe");
}

void Worker::collect(PollSet& set)
{
    if (has_ended()) return;
    if (inlet_.wants_write()) set.add(inlet_.fd(), POLLOUT, *this);
    if (outlet_.wants_read() && uplink().idle()) set.add(outlet_.fd(), POLLIN, *this);
}

void Worker::on_ready(int fd, short)
{
    if (has_ended()) return;  // since the wait began: nothing may follow the stream's last frame
    if (fd == inlet_.fd()) {
        inlet_.flush(uplink());
        close_input_when_done();
    } else if (outlet_.wants_read() && uplink().idle()) {
        relay();
    }
}

/// Passes the child's frames on. Re-framed pieces are no longer than what was read, but for one header more.
void Worker::relay()
{
    static char bytes[relay_bytes];
    const std::size_t most = has_output_ ? std::min<std::size_t>(outlet_.credit(), sizeof bytes) : sizeof bytes;
    const long count = ::read(outlet_.fd(), bytes, most);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return outlet_.close();
    if (const char* refusal = decoder_.feed({bytes, static_cast<std::size_t>(count)}, *this)) {
        fail(FailureCode::internal, refusal);
        on_close();
    }
    uplink().flush();
}

const char* Worker::on_control(const wire::Header& header, std::string_view json)
{
    if (has_ended()) return nullptr;
    if (header.stream != id()) return "a worker spoke for another stream";
    // A change is not data, but costs credit all the same. There is enough: a frame is longer than the credit it costs,
    // and no more bytes than that are read at a time.
    if (header.type == Type::changed) outlet_.spend(1);
    if (header.type == Type::reply) on_success();
    uplink().send_json(header.type, id(), json);
    if (header.type == Type::reply || header.type == Type::error) finish(header.type == Type::reply);
    return nullptr;
}

const char* Worker::on_bytes(const wire::Header&, std::span<const char> piece)
{
    if (!has_output_ || has_ended()) return "a worker sent data that nobody asked for";
    outlet_.spend(piece.size());
    uplink().add_data(id(), {piece.data(), piece.size()});
    return nullptr;
}

bool Worker::on_reaped(pid_t pid, int, const rusage&)
{
    if (pid != pid_ || reaped_) return false;
    reaped_ = true;
    return true;
}

void Worker::settle()
{
    if (has_ended() || !reaped_ || outlet_.is_open()) return;
    if (read_oom_kills() > oom_kills_before_) return fail(FailureCode::no_memory, "no memory left for file operations");
    fail(FailureCode::internal, "the file operation was killed from inside");
}

const char* Worker::on_data(std::uint8_t channel, std::span<const char> bytes)
{
    if (!has_input_ || channel != wire::Channel::input) return Operation::on_data(channel, bytes);
    return inlet_.take(bytes, uplink());
}

const char* Worker::on_eof(std::uint8_t channel)
{
    if (!has_input_ || channel != wire::Channel::input) return Operation::on_eof(channel);
    if (const char* refusal = inlet_.end()) return refusal;
    close_input_when_done();
    return nullptr;
}

const char* Worker::on_credit(std::uint8_t channel, std::uint32_t bytes)
{
    if (!has_output_ || channel != wire::Channel::input) return Operation::on_credit(channel, bytes);
    return outlet_.add_credit(bytes);
}

void Worker::on_close()
{
    if (pid_ > 0 && !reaped_) kill(pid_, SIGKILL);
    Operation::on_close();
}

void Worker::close_input_when_done()
{
    if (!to_child_ || !inlet_.is_done()) return;
    inlet_.attach(-1);
    to_child_.reset();
}

}  // namespace sbx::agent
