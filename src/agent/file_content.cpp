#include "agent/file_operations.hpp"
#include "agent/tree.hpp"
#include "agent/worker.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace sbx::agent {
namespace {

using wire::FailureCode;

/// A socket, and a FIFO that nobody reads, cannot even be opened.
void expect_regular(Desk& desk, const Descriptor& file, const std::string& path)
{
    struct stat status = {};
    const bool known = file && fstat(file.get(), &status) == 0;
    if (!known && errno != ENXIO) desk.fail_with_errno(path);
    if (!known || !S_ISREG(status.st_mode)) desk.fail(FailureCode::denied, path + ": not a regular file");
}

class Read : public Worker {
   public:
    Read(Sandbox& sandbox, StreamId id, wire::Read request)
        : Worker(sandbox, id, request.after, false, request.window), request_(std::move(request))
    {
    }

   private:
    void work(Desk& desk) override
    {
        const Descriptor fd = open(desk);
        std::uint64_t left = request_.max_bytes == 0 ? UINT64_MAX : request_.max_bytes;
        char chunk[64 << 10];
        wire::Reply done;
        while (left > 0) {
            const long count = ::read(fd.get(), chunk, std::min<std::uint64_t>(left, sizeof chunk));
            if (count < 0) desk.fail_with_errno(request_.path);
            if (count == 0) break;
            desk.add_data({chunk, static_cast<std::size_t>(count)});
            done.bytes += static_cast<std::uint64_t>(count);
            left -= static_cast<std::uint64_t>(count);
        }
        desk.end_data();
        desk.reply(done);
    }

    Descriptor open(Desk& desk)
    {
        const Place place = open_place(request_.path);
        // Without O_NONBLOCK a FIFO would hang.
        constexpr int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
        Descriptor fd(place.parent ? ::openat(place.parent.get(), place.name.c_str(), flags) : -1);
        expect_regular(desk, fd, request_.path);
        if (lseek(fd.get(), static_cast<off_t>(request_.offset), SEEK_SET) < 0) desk.fail_with_errno(request_.path);
        return fd;
    }

    wire::Read request_;
};

class Write : public Worker {
   public:
    Write(Sandbox& sandbox, StreamId id, wire::Write request)
        : Worker(sandbox, id, request.after, true, 0), request_(std::move(request))
    {
    }

   private:
    void work(Desk& desk) override
    {
        const Place place = open_place(request_.path);
        if (!place.parent) desk.fail_with_errno(request_.path);
        const int parent = place.parent.get();
        // Until it is whole the content has another name, so that nobody sees half of it.
        const std::string name = request_.append ? place.name : ".sbx-write-" + std::to_string(getpid());
        constexpr int flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
        const Descriptor fd(::openat(parent, name.c_str(), flags | (request_.append ? O_APPEND : O_EXCL),
                                     request_.append ? request_.mode & 0777 : 0600));
        expect_regular(desk, fd, request_.path);
        temporary_ = request_.append ? "" : name;
        wire::Reply done;
        for (auto piece = desk.read_some(SIZE_MAX); !piece.empty(); piece = desk.read_some(SIZE_MAX)) {
            done.bytes += piece.size();
            if (done.bytes > request_.max_bytes) give_up(desk, parent, EFBIG);
            if (!write_whole(fd.get(), piece)) give_up(desk, parent, errno);
        }
        struct stat status = {};
        if (fstat(fd.get(), &status) != 0) give_up(desk, parent, errno);
        done.mtime_ns = nanoseconds(status.st_mtim);
        if (request_.append) desk.reply(done);
        if (fchmod(fd.get(), request_.mode & 0777) != 0 ||
            renameat(parent, name.c_str(), parent, place.name.c_str()) != 0)
            give_up(desk, parent, errno);
        desk.reply(done);
    }

    [[noreturn]] void give_up(Desk& desk, int parent, int error)
    {
        if (!temporary_.empty()) unlinkat(parent, temporary_.c_str(), 0);
        errno = error;
        desk.fail_with_errno(request_.path);
    }

    wire::Write request_;
    std::string temporary_;
};

}  // namespace

std::unique_ptr<Operation> make_read(Sandbox& sandbox, StreamId id, wire::Read request)
{
    return std::make_unique<Read>(sandbox, id, std::move(request));
}

std::unique_ptr<Operation> make_write(Sandbox& sandbox, StreamId id, wire::Write request)
{
    return std::make_unique<Write>(sandbox, id, std::move(request));
}

}  // namespace sbx::agent
