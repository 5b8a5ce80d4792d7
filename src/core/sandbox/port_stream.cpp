#include "core/sandbox/port_stream.hpp"

#include <algorithm>
#include <cstring>

namespace sbx {
namespace {

constexpr std::uint32_t window_bytes = 256U << 10;  // for as many as there are it stays far below a keeper's patience
constexpr std::size_t piece_bytes = std::size_t{64} << 10;

}  // namespace

PortStream::PortStream(AgentLink& link, std::uint16_t port) : link_(link), changed_(link.changed().executor())
{
    wire::Connect request;
    request.port = port;
    request.window = window_bytes;
    stream_ = link_.owner().connect(request);
    link_.attach_sink(stream_, *this);
    link_.flush();
}

asio::awaitable<Result<void>> PortStream::open()
{
    while (!is_open_ && !has_ended_ && !is_closed_) co_await changed_.wait(std::nullopt);
    if (!is_open_) co_return failure();
    co_return Result<void>();
}

asio::awaitable<Result<std::size_t>> PortStream::read_some(std::span<char> into)
{
    while (arrived_.empty() && !output_ended_ && !has_ended_ && !is_closed_) co_await changed_.wait(std::nullopt);
    if (is_closed_ || (arrived_.empty() && failure_)) co_return failure();
    const std::size_t count = std::min(into.size(), arrived_.size());
    std::memcpy(into.data(), arrived_.data(), count);
    arrived_.erase(0, count);
    if (count > 0) {
        link_.owner().consumed(stream_, wire::Channel::input, count);
        link_.flush();
    }
    co_return count;
}

asio::awaitable<Result<void>> PortStream::write(std::span<const char> bytes)
{
    while (!bytes.empty()) {
        if (has_ended_ || is_closed_) co_return failure();
        const std::size_t count = std::min({bytes.size(), piece_bytes, link_.owner().may_send(stream_)});
        if (count == 0) {
            co_await changed_.wait(std::nullopt);
            continue;
        }
        link_.owner().send(stream_, bytes.first(count));
        link_.flush();
        bytes = bytes.subspan(count);
        last_moved_ = Clock::now();
    }
    co_return Result<void>();
}

void PortStream::end_writing()
{
    link_.owner().eof(stream_);
    link_.flush();
}

asio::awaitable<void> PortStream::finish()
{
    while (!has_ended_ && !is_closed_) co_await changed_.wait(std::nullopt);
}

void PortStream::close()
{
    if (std::exchange(is_closed_, true)) return;
    link_.abandon(stream_);
    link_.flush();
    changed_.notify_all();
}

void PortStream::on_opened()
{
    is_open_ = true;
    last_moved_ = Clock::now();
    changed_.notify_all();
}

void PortStream::on_data(std::uint8_t /*channel*/, std::span<const char> bytes)
{
    arrived_.append(bytes.data(), bytes.size());
    last_moved_ = Clock::now();
    changed_.notify_all();
}

void PortStream::on_eof(std::uint8_t /*channel*/)
{
    output_ended_ = true;
    changed_.notify_all();
}

void PortStream::on_credit(std::uint8_t /*channel*/)
{
    last_moved_ = Clock::now();
    changed_.notify_all();
}

bool PortStream::on_end(const Outcome& outcome)
{
    if (const auto* failed = std::get_if<wire::Failure>(&outcome)) failure_ = wire::to_error(*failed);
    has_ended_ = true;
    changed_.notify_all();
    return true;
}

Error PortStream::failure() const
{
    if (is_closed_) return Error(Errc::cancelled, "the connection was closed");
    return failure_.value_or(Error(Errc::unavailable, "the program has closed the connection"));
}

}  // namespace sbx
