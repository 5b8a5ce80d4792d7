#include "agent/desk.hpp"

#include "agent/operation.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sbx::agent {
namespace {

using wire::FailureCode;
using wire::StreamId;
using wire::Type;

constexpr std::size_t chunk_bytes = 256 << 10;
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

[[noreturn]] void become_worker(int in, int out, StreamId stream, Errand& errand)
{
    if (!keep_only(in, out)) _exit(1);
    Desk desk(STDIN_FILENO, STDOUT_FILENO, stream);
    Setback setback{};
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (!prepare_limits({}, setback) || !become_user(user, user, setback)) desk.fail(setback.code, setback.what);
    umask(022);
    errand.work(desk);
    _exit(0);
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
    if (stream_ != 0) send(Type::error, make_failure(code, std::move(message)));
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

WorkerChild fork_worker(StreamId stream, Errand& errand)
{
    int in[2];
    int out[2];
    WorkerChild child;
    if (pipe2(in, O_CLOEXEC) != 0) return child;
    const Descriptor childs_in(in[0]);
    child.input = Descriptor(in[1]);
    if (pipe2(out, O_CLOEXEC) != 0) return child;
    const Descriptor childs_out(out[1]);
    child.output = Descriptor(out[0]);
    child.pid = fork();
    if (child.pid == 0) become_worker(in[0], out[1], stream, errand);
    return child;
}

}  // namespace sbx::agent
