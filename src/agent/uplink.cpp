#include "agent/uplink.hpp"

#include <cerrno>
#include <cstring>
#include <span>

#include <unistd.h>

namespace sbx::agent {
namespace {

/// @return how much was taken, 0 when nothing can be now, -1 when the owner is gone
long write_some(int fd, const char* bytes, std::size_t count)
{
    const long written = ::write(fd, bytes, count);
    if (written >= 0) return written;
    return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

}  // namespace

long Uplink::relay(int from, std::uint8_t channel, StreamId stream, std::size_t max)
{
    const long count = ::read(from, data_.get() + wire::header_bytes, std::min(max, data_bytes));
    if (count <= 0) return count;
    wire::put_header(std::span<char, wire::header_bytes>(data_.get(), wire::header_bytes),
                     {static_cast<std::uint32_t>(count), Type::data, channel, stream});
    sent_ = 0;
    filled_ = wire::header_bytes + static_cast<std::size_t>(count);
    return count;
}

void Uplink::add_data(StreamId stream, std::string_view bytes, std::uint8_t channel)
{
    if (sent_ == filled_) sent_ = filled_ = 0;
    wire::put_header(std::span<char, wire::header_bytes>(data_.get() + filled_, wire::header_bytes),
                     {static_cast<std::uint32_t>(bytes.size()), Type::data, channel, stream});
    std::memcpy(data_.get() + filled_ + wire::header_bytes, bytes.data(), bytes.size());
    filled_ += wire::header_bytes + bytes.size();
}

bool Uplink::flush()
{
    return flush_data() && (sent_ < filled_ || flush_control());
}

bool Uplink::flush_data()
{
    while (sent_ < filled_) {
        const long written = write_some(fd_, data_.get() + sent_, filled_ - sent_);
        if (written <= 0) return written == 0;
        sent_ += static_cast<std::size_t>(written);
    }
    return true;
}

bool Uplink::flush_control()
{
    while (!control_.empty()) {
        const long written = write_some(fd_, control_.data(), control_.size());
        if (written <= 0) return written == 0;
        control_.erase(0, static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace sbx::agent
