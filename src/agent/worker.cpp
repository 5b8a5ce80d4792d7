#include "agent/worker.hpp"

#include "agent/accounting.hpp"
#include "agent/pipes.hpp"
#include "core/wire/file_window.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sbx::agent {
namespace {

using wire::FailureCode;

constexpr std::size_t chunk_bytes = 256 << 10;
constexpr std::size_t relay_bytes = 256 << 10;
constexpr uid_t user = 1000;

FailureCode code_of(int error)
{
    switch (error) {
        case ENOENT:
        case ENOTDIR:
            return FailureCode::not_found;
        case EACCES:
        case EPERM:
        case ELOOP:
        case EROFS:
            return FailureCode::denied;
        case ENOSPC:
        case EDQUOT:
            return FailureCode::disk_full;
        case EEXIST:
        case ENOTEMPTY:
        case EISDIR:
            return FailureCode::exists;
        case ENOMEM:
            return FailureCode::no_memory;
        case ENAMETOOLONG:
        case EINVAL:
            return FailureCode::invalid;
        case EFBIG:
            return FailureCode::too_large;
        default:
            return FailureCode::internal;
    }
}

/// Puts the desk's pipes in the place of the owner's stream and closes all else. Nothing is closed by an exec here, and
/// while this child had another program's pipe, or another worker's, nobody would see that pipe's end.
bool keep_only(int in, int out)
{
    if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0) return false;
    if (syscall(SYS_close_range, STDERR_FILENO + 1U, ~0U, 0) == 0) return true;
    for (long fd = sysconf(_SC_OPEN_MAX); fd > STDERR_FILENO; --fd) ::close(static_cast<int>(fd));  // before Linux 5.9
    return true;
}

}  // namespace

bool write_whole(int fd, std::string_view bytes)
{
    while (!bytes.empty()) {
        const long written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

std::string_view Desk::read_some(std::size_t most)
{
    if (taken_ == incoming_.size()) {
        incoming_.resize(chunk_bytes);
        const long got = ::read(in_, incoming_.data(), incoming_.size());
        incoming_.resize(static_cast<std::size_t>(std::max(got, 0L)));
        taken_ = 0;
    }
    const auto piece = std::string_view(incoming_).substr(taken_, most);
    taken_ += piece.size();
    return piece;
}

bool Desk::read(char* into, std::size_t count)
{
    while (count > 0) {
        const std::string_view piece = read_some(count);
        if (piece.empty()) return false;
        if (into) into = std::copy_n(piece.data(), piece.size(), into);
        count -= piece.size();
    }
    return true;
}

long Desk::move_some(int file, std::uint64_t most)
{
    if (taken_ == incoming_.size() && most >= chunk_bytes) {
        const long moved = splice(in_, nullptr, file, nullptr, most, 0);
        if (moved >= 0 || errno != EINVAL) return moved;  // EINVAL: not into such a file
    }
    const std::string_view piece = read_some(most);
    return write_whole(file, piece) ? static_cast<long>(piece.size()) : -1;
}

bool Desk::skip(std::uint64_t count)
{
    return read(nullptr, count);
}

void Desk::add_data(std::string_view bytes)
{
    wire::append_frame(frames_, Type::data, wire::Channel::input, stream_, bytes);
    if (frames_.size() >= chunk_bytes) flush();
}

void Desk::end_data()
{
    send(Type::eof, wire::Nothing{});
}

void Desk::reply(const wire::Reply& reply)
{
    send(Type::reply, reply);
    _exit(0);
}

void Desk::fail(FailureCode code, std::string message)
{
    send(Type::error, make_failure(code, std::move(message)));
    _exit(1);
}

void Desk::fail_with_errno(std::string_view subject)
{
    const int error = errno;
    const char* reason = strerrordesc_np(error);
    fail(code_of(error), std::string(subject) + ": " + (reason ? reason : "unknown error"));
}

void Desk::flush()
{
    if (!write_whole(out_, frames_)) _exit(1);
    frames_.clear();
}

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
    int in[2];
    int out[2];
    if (pipe2(in, O_CLOEXEC) != 0) return fail(FailureCode::internal, "can't make a pipe");
    const Descriptor childs_in(in[0]);
    to_child_ = Descriptor(in[1]);
    if (pipe2(out, O_CLOEXEC) != 0) return fail(FailureCode::internal, "can't make a pipe");
    const Descriptor childs_out(out[1]);
    outlet_.open(Descriptor(out[0]));
    oom_kills_before_ = read_oom_kills();
    sandbox_.childless = false;
    pid_ = fork();
    if (pid_ == 0) become_worker(in[0], out[1]);
    if (pid_ < 0)
        return errno == EAGAIN ? fail(FailureCode::no_processes, "the sandbox has no processes left")
                               : fail(FailureCode::no_memory, "no memory for another process");
    fcntl(in[1], F_SETFL, O_NONBLOCK);
    fcntl(out[0], F_SETFL, O_NONBLOCK);
    if (has_input_) widen_pipe(in[1]);
    if (has_output_) widen_pipe(out[1]);
    inlet_.attach(in[1]);
    inlet_.flush(uplink());
    close_input_when_done();
}

void Worker::become_worker(int in, int out)
{
    if (!keep_only(in, out)) _exit(1);
    Desk desk(STDIN_FILENO, STDOUT_FILENO, id());
    Setback setback{};
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (!prepare_limits({}, setback) || !become_user(user, user, setback)) desk.fail(setback.code, setback.what);
    umask(022);
    work(desk);
    _exit(0);
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
