#include "core/docker/stream_demux.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace sbx::docker {

std::span<char> StreamDemux::room()
{
    if (!buffer_) buffer_ = std::make_unique_for_overwrite<char[]>(buffer_bytes);
    if (begin_ == end_) begin_ = end_ = 0;
    return std::span<char>(buffer_.get() + end_, buffer_bytes - end_);
}

void StreamDemux::commit(std::size_t count)
{
    end_ += count;
}

Result<std::size_t> StreamDemux::take(std::span<char> to)
{
    std::size_t taken = 0;
    while (begin_ < end_ && taken < to.size()) {
        if (payload_left_ == 0) {
            const Result<void> read = read_header();
            if (!read) return read.error();
            continue;
        }
        const std::size_t available = std::min(payload_left_, end_ - begin_);
        const std::size_t count = is_stdout_ ? std::min(available, to.size() - taken) : available;
        if (is_stdout_) {
            std::memcpy(to.data() + taken, buffer_.get() + begin_, count);
            taken += count;
        } else {
            keep_stderr(std::string_view(buffer_.get() + begin_, count));
        }
        begin_ += count;
        payload_left_ -= count;
    }
    return taken;
}

Result<void> StreamDemux::read_header()
{
    const std::size_t count = std::min(header_.size() - header_size_, end_ - begin_);
    std::memcpy(header_.data() + header_size_, buffer_.get() + begin_, count);
    header_size_ += count;
    begin_ += count;
    if (header_size_ < header_.size()) return {};

    header_size_ = 0;
    const std::uint32_t length = std::uint32_t{header_[4]} << 24 | std::uint32_t{header_[5]} << 16 |
                                 std::uint32_t{header_[6]} << 8 | std::uint32_t{header_[7]};
    const bool padded = header_[1] == 0 && header_[2] == 0 && header_[3] == 0;
    // Type 0 (standard input) is never sent to an attached client, but belongs to the format.
    if (header_[0] > 2 || !padded || length > max_payload_bytes)
        return Error(Errc::internal,
                     fmt::format("docker: broken attach stream (type {}, length {})", header_[0], length));
    is_stdout_ = header_[0] == 1;
    payload_left_ = length;
    return {};
}

void StreamDemux::keep_stderr(std::string_view bytes)
{
    if (bytes.size() > kept_stderr_bytes) bytes.remove_prefix(bytes.size() - kept_stderr_bytes);
    stderr_ += bytes;
    // Cut seldom, so that a flood costs no more than its bytes.
    if (stderr_.size() > 4 * kept_stderr_bytes) stderr_.erase(0, stderr_.size() - kept_stderr_bytes);
}

std::string_view StreamDemux::last_stderr() const
{
    const std::string_view kept = stderr_;
    return kept.substr(kept.size() - std::min(kept.size(), kept_stderr_bytes));
}

}  // namespace sbx::docker
