#include "agent/tail.hpp"

#include <algorithm>
#include <cstring>

namespace sbx::agent {
namespace {

constexpr std::size_t length_bytes = sizeof(std::uint32_t);
constexpr std::size_t head_bytes = 1 + length_bytes;  // the channel, then how many bytes follow

std::size_t length_at(const std::string& records, std::size_t at)
{
    std::uint32_t length = 0;
    std::memcpy(&length, records.data() + at + 1, length_bytes);
    return length;
}

void set_length(std::string& records, std::size_t at, std::size_t length)
{
    const auto number = static_cast<std::uint32_t>(length);
    std::memcpy(records.data() + at + 1, &number, length_bytes);
}

}  // namespace

void Tail::add(std::uint8_t channel, std::string_view bytes)
{
    if (bytes.empty()) return;
    if (records_.capacity() < max_bytes) records_.reserve(max_bytes);
    const std::size_t too_many = bytes.size() - std::min(bytes.size(), max_bytes - head_bytes);
    make_room(head_bytes + bytes.size() - too_many);
    dropped_ += too_many;
    bytes.remove_prefix(too_many);
    if (last_ == std::string::npos || static_cast<std::uint8_t>(records_[last_]) != channel) {
        last_ = records_.size();
        records_.push_back(static_cast<char>(channel));
        records_.append(length_bytes, '\0');
    }
    set_length(records_, last_, length_at(records_, last_) + bytes.size());
    records_.append(bytes);
}

/// Drops the oldest until so much fits.
void Tail::make_room(std::size_t bytes)
{
    std::size_t gone = 0;
    const auto excess = [&] {
        const std::size_t needed = records_.size() - gone + bytes;
        return needed - std::min(needed, max_bytes);
    };
    while (excess() > 0 && gone < records_.size()) {
        const std::size_t length = length_at(records_, gone);
        if (excess() < length) {
            // The record's head moves to its new beginning.
            const std::size_t cut = excess();
            if (last_ == gone) last_ += cut;
            std::memmove(records_.data() + gone + cut, records_.data() + gone, head_bytes);
            gone += cut;
            set_length(records_, gone, length - cut);
            dropped_ += cut;
        } else {
            gone += head_bytes + length;
            dropped_ += length;
        }
    }
    records_.erase(0, gone);
    last_ = last_ == std::string::npos || last_ < gone ? std::string::npos : last_ - gone;
}

std::uint8_t Replay::channel() const
{
    return static_cast<std::uint8_t>(records_[at_]);
}

std::size_t Replay::send(Uplink& uplink, StreamId stream, std::size_t most)
{
    const std::size_t length = length_at(records_, at_);
    const std::string_view record = std::string_view(records_).substr(at_ + head_bytes, length);
    const std::string_view piece = record.substr(taken_, most);
    uplink.add_data(stream, piece, channel());
    taken_ += piece.size();
    sent_ += piece.size();
    if (taken_ == length) {
        at_ += head_bytes + length;
        taken_ = 0;
    }
    return piece.size();
}

}  // namespace sbx::agent
