#include "cli/standard_streams.hpp"

#include "cli/immediate_io.hpp"

#include <fmt/format.h>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace sbx::cli {
namespace {

namespace asio = boost::asio;

void wait_for(int descriptor, short events)
{
    pollfd wanted{.fd = descriptor, .events = events, .revents = 0};
    ::poll(&wanted, 1, -1);
}

Result<void> write_all(int descriptor, std::span<const char> bytes)
{
    while (!bytes.empty()) {
        const ssize_t n = ::write(descriptor, bytes.data(), bytes.size());
        if (n >= 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(n));
        } else if (errno == EAGAIN) {
            wait_for(descriptor, POLLOUT);  // somebody who shares it made it non-blocking
        } else if (errno == EPIPE) {
            return Error(Errc::cancelled, "the reader is gone");
        } else if (errno != EINTR) {
            return Error(Errc::unavailable, fmt::format("cannot write to {}: {}", descriptor == 1 ? "stdout" : "stderr",
                                                        std::strerror(errno)));
        }
    }
    return {};
}

/// Waits for input or for the wake-up, whichever comes first.
std::size_t read_some(int descriptor, int wake, std::span<char> into)
{
    for (;;) {
        std::array<pollfd, 2> wanted{pollfd{.fd = descriptor, .events = POLLIN, .revents = 0},
                                     pollfd{.fd = wake, .events = POLLIN, .revents = 0}};
        if (::poll(wanted.data(), wanted.size(), -1) < 0 && errno != EINTR) return 0;
        if (wanted[1].revents != 0) return 0;
        if (wanted[0].revents == 0) continue;
        const ssize_t n = ::read(descriptor, into.data(), into.size());
        if (n >= 0) return static_cast<std::size_t>(n);
        if (errno != EINTR && errno != EAGAIN) return 0;
    }
}

}  // namespace

void hold_standard_descriptors()
{
    for (int descriptor = 0; descriptor <= 2; ++descriptor)
        if (::fcntl(descriptor, F_GETFD) < 0 && errno == EBADF) ::open("/dev/null", O_RDONLY);
}

StandardStreams::StandardStreams(asio::any_io_executor executor, bool reads)
    : executor_(std::move(executor)), reads_(reads)
{
    if (reads_ && ::pipe(wake_.data()) != 0) reads_ = false;
}

StandardStreams::~StandardStreams()
{
    StandardStreams::stop_reading();
    for (auto& thread : threads_)
        if (thread) thread->join();
    for (const int end : wake_)
        if (end >= 0) ::close(end);
}

asio::thread_pool& StandardStreams::thread(int descriptor)
{
    auto& thread = threads_.at(static_cast<std::size_t>(descriptor));
    if (!thread) thread.emplace(1);
    return *thread;
}

asio::awaitable<Result<void>> StandardStreams::write(OutputStream stream, std::span<const char> bytes)
{
    const int descriptor = stream == OutputStream::out ? STDOUT_FILENO : STDERR_FILENO;
    bytes = bytes.subspan(write_at_once(descriptor, bytes));
    if (bytes.empty()) co_return Result<void>();
    co_await asio::post(asio::bind_executor(thread(descriptor).get_executor(), asio::use_awaitable));
    Result<void> written = write_all(descriptor, bytes);
    co_await asio::post(asio::bind_executor(executor_, asio::use_awaitable));
    co_return written;
}

asio::awaitable<Result<std::size_t>> StandardStreams::read(std::span<char> into)
{
    if (!reads_) co_return 0U;
    if (const auto got = read_at_once(STDIN_FILENO, into)) co_return *got;
    co_await asio::post(asio::bind_executor(thread(STDIN_FILENO).get_executor(), asio::use_awaitable));
    const std::size_t got = read_some(STDIN_FILENO, wake_[0], into);
    co_await asio::post(asio::bind_executor(executor_, asio::use_awaitable));
    co_return got;
}

void StandardStreams::stop_reading()
{
    if (wake_[1] < 0) return;
    ::close(wake_[1]);  // the other end becomes readable, for good
    wake_[1] = -1;
}

}  // namespace sbx::cli
