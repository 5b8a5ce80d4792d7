#include "agent/channels.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace sbx::agent {

void Inlet::move_to(StreamId stream, bool reopen)
{
    stream_ = stream;
    window_ = full_;
    due_ = 0;
    foreign_ = undelivered();
    if (reopen) ended_ = false;
}

void Inlet::detach(Uplink& uplink)
{
    fd_ = -1;
    dropped_ = true;
    acknowledge(pending_.size() - sent_, uplink);
    pending_.clear();
    sent_ = 0;
}

const char* Inlet::take(std::span<const char> bytes, Uplink& uplink)
{
    if (ended_) return "data after eof";
    if (bytes.size() > window_) return "data beyond the window";
    window_ -= static_cast<std::uint32_t>(bytes.size());
    const std::size_t written = sent_ < pending_.size() ? 0 : write_now(bytes);
    acknowledge(written, uplink);
    // A reader that never quite catches up would let this grow without end.
    if (sent_ > pending_.size() / 2) pending_.erase(0, std::exchange(sent_, 0));
    pending_.append(bytes.data() + written, bytes.size() - written);
    return nullptr;
}

const char* Inlet::end(std::string_view last)
{
    if (ended_) return "second eof";
    ended_ = true;
    if (!dropped_) pending_.append(last);
    return nullptr;
}

void Inlet::flush(Uplink& uplink)
{
    const std::size_t written = write_now(std::span(pending_).subspan(sent_));
    sent_ += written;
    if (sent_ == pending_.size()) {
        pending_.clear();
        sent_ = 0;
    }
    acknowledge(written, uplink);
}

std::size_t Inlet::write_now(std::span<const char> bytes)
{
    if (dropped_) return bytes.size();
    if (fd_ < 0 || bytes.empty()) return 0;
    const long written = ::write(fd_, bytes.data(), bytes.size());
    if (written >= 0) return static_cast<std::size_t>(written);
    if (errno == EAGAIN || errno == EINTR) return 0;
    dropped_ = true;  // the reader closed its end: the owner need not know
    fd_ = -1;
    return bytes.size();
}

void Inlet::acknowledge(std::size_t count, Uplink& uplink)
{
    const std::size_t foreign = std::min(count, foreign_);
    foreign_ -= foreign;
    if (stream_ == 0) return;
    due_ += static_cast<std::uint32_t>(count - foreign);
    if (due_ < full_ / 2 || ended_) return;
    window_ += due_;
    uplink.send(Type::credit, stream_, wire::Credit{due_}, channel_);
    due_ = 0;
}

const char* add_credit(std::uint32_t& credit, std::uint32_t bytes)
{
    if (bytes == 0 || bytes > wire::max_window - std::min(credit, wire::max_window)) return "credit out of range";
    credit += bytes;
    return nullptr;
}

void Outlet::move_to(StreamId stream, std::uint32_t window)
{
    stream_ = stream;
    credit_ = window;
}

std::size_t Outlet::waiting() const
{
    int available = 0;
    if (!fd_ || ioctl(fd_.get(), FIONREAD, &available) != 0) return 0;
    return available > 0 ? static_cast<std::size_t>(available) : 0;
}

long Outlet::read_for_nobody(Tail* tail, std::size_t most)
{
    static char bytes[64 << 10];
    const long count = ::read(fd_.get(), bytes, std::min(sizeof bytes, most));
    if (count > 0 && tail) tail->add(channel_, {bytes, static_cast<std::size_t>(count)});
    return count;
}

void Outlet::relay(Uplink& uplink, Tail* tail, std::size_t most)
{
    most = std::min<std::uint64_t>(most, left_);
    const long count = stream_ == 0 ? read_for_nobody(tail, most)
                                    : uplink.relay(fd_.get(), channel_, stream_, std::min<std::size_t>(credit_, most));
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return close();  // a terminal ends with EIO
    if (stream_ != 0) {
        spend(static_cast<std::size_t>(count));
        if (tail) tail->add(channel_, uplink.relayed());
    }
    if (left_ == UINT64_MAX) return;
    left_ -= static_cast<std::uint64_t>(count);
    if (left_ == 0) close();
}

void Outlet::stop_after_what_is_there()
{
    if (!fd_ || left_ != UINT64_MAX) return;
    const std::size_t available = waiting();
    if (available == 0) return close();
    left_ = available;
}

}  // namespace sbx::agent
