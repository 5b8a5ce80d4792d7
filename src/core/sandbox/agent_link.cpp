#include "core/sandbox/agent_link.hpp"

#include "core/read_buffer.hpp"

#include <fmt/chrono.h>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include <chrono>
#include <limits>
#include <random>
#include <vector>

namespace sbx {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t read_bytes = std::size_t{8} << 10;
constexpr std::size_t bulk_read_bytes = std::size_t{512} << 10;
// An engine passes output on in pieces of 4 to 32 KiB. When such a one comes, more follow: a rest lets them gather, as
// each read wakes everybody from here to the reader.
constexpr std::size_t bulk_bytes = 4000;
constexpr std::size_t batch_bytes = std::size_t{128} << 10;
constexpr auto rest = 300us;
constexpr auto lease = 10s;
constexpr auto longest_greeting = 10s;
constexpr std::size_t most_unread = std::size_t{64} << 20;

}  // namespace

asio::awaitable<void> AgentLink::serve(std::unique_ptr<Channel> channel)
{
    using namespace asio::experimental::awaitable_operators;
    channel_ = std::move(channel);
    co_await (read_all() && write_all() && keep_alive());
}

void AgentLink::close()
{
    over_ = true;
    if (channel_) channel_->close();
    changed_.notify_all();
    written_.notify_all();
    life_.notify_all();
}

asio::awaitable<void> AgentLink::drain()
{
    while (!over_ && (writing_ || owner_.has_outgoing())) co_await written_.wait(std::nullopt);
}

void AgentLink::abandon(wire::StreamId stream)
{
    sinks_.erase(stream);
    if (!owner_.is_open(stream)) return;
    abandoned_.insert(stream);
    owner_.close(stream);
    // What was held back for a slow reader would keep the end from coming.
    for (std::uint8_t channel = wire::Channel::input; channel <= wire::Channel::last_extra; ++channel)
        owner_.consumed(stream, channel, std::numeric_limits<std::size_t>::max());
}

const Outcome* AgentLink::outcome(wire::StreamId stream) const
{
    const auto at = outcomes_.find(stream);
    return at == outcomes_.end() ? nullptr : &at->second;
}

asio::awaitable<Result<Outcome>> AgentLink::finish(wire::StreamId stream)
{
    while (outcome(stream) == nullptr && !over_) co_await changed_.wait(std::nullopt);
    if (const Outcome* known = outcome(stream)) co_return *known;
    if (fault_) co_return *fault_;
    co_return Error(Errc::unavailable, "the sandbox ended before it answered");
}

asio::awaitable<void> AgentLink::read_all()
{
    ReadBuffer usual(read_bytes);
    std::optional<ReadBuffer> large;
    asio::steady_timer gathering(changed_.executor());
    while (!over_) {
        ReadBuffer& buffer = large ? *large : usual;
        const Result<std::size_t> got = co_await channel_->read_some(buffer.all());
        if (over_) break;
        if (!got || *got == 0) {
            // The stream's own form was broken: that is no loss of the engine.
            if (!got && got.error().code == Errc::internal) fault_ = got.error();
            close();
            break;
        }
        const Result<void> fed = feed(buffer.first(*got));
        if (!fed) fault_ = fed.error();
        // What an agent asks for and does not read would grow without end.
        if (owner_.outgoing_bytes() > most_unread)
            fault_ = Error(Errc::internal, "the agent does not read what it asked for");
        if (fault_) close();
        changed_.notify_all();
        if (*got < bulk_bytes) {
            large.reset();
            continue;
        }
        if (!large) large.emplace(bulk_read_bytes);
        if (*got >= batch_bytes) continue;
        boost::system::error_code ignored;
        gathering.expires_after(rest);
        co_await gathering.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

Result<void> AgentLink::feed(std::span<const char> bytes)
{
    return owner_.feed(bytes, *this);
}

asio::awaitable<void> AgentLink::write_all()
{
    while (!over_) {
        if (!owner_.has_outgoing()) {
            co_await changed_.wait(std::nullopt);
            continue;
        }
        const std::string bytes = owner_.take_outgoing();
        writing_ = true;
        const Result<void> written = co_await channel_->write(bytes);
        writing_ = false;
        written_.notify_all();
        // A failed write means that the other end is gone; the reader learns it too, after what is left to read.
        if (!written) break;
    }
}

asio::awaitable<void> AgentLink::keep_alive()
{
    auto next = std::chrono::steady_clock::now() + rhythm_;
    while (!over_) {
        co_await life_.wait(next);
        const auto now = std::chrono::steady_clock::now();
        if (over_ || now < next) continue;
        next = now + rhythm_;
        if (upkeep_ == Upkeep::lease) owner_.lease(lease);
        if (!pinged_) {
            owner_.ping(std::random_device()());  // an answer cannot be given before the question
            pinged_ = now;
        } else if (!said_hello_ && now - *pinged_ > longest_greeting) {
            fault_ = Error(Errc::deadline_exceeded, "the agent did not speak within 10 s of its start", "sbx doctor");
            close();
        } else if (upkeep_ != Upkeep::watch && now - *pinged_ > longest_silence) {
            fault_ = Error(Errc::deadline_exceeded, fmt::format("the agent has not answered for {}", longest_silence));
            close();
        }
        flush();
        life_.notify_all();
    }
}

StreamSink* AgentLink::sink_of(wire::StreamId stream) const
{
    const auto at = sinks_.find(stream);
    return at == sinks_.end() ? nullptr : at->second;
}

void AgentLink::end(wire::StreamId stream, const Outcome& outcome)
{
    if (abandoned_.erase(stream) != 0) return;
    StreamSink* sink = sink_of(stream);
    if (sink == nullptr || !sink->on_end(outcome))
        outcomes_.emplace(stream, outcome);
    else
        sinks_.erase(stream);
}

void AgentLink::on_data(wire::StreamId stream, std::uint8_t channel, std::span<const char> bytes)
{
    if (StreamSink* sink = sink_of(stream))
        sink->on_data(channel, bytes);
    else
        owner_.consumed(stream, channel, bytes.size());
}

void AgentLink::on_eof(wire::StreamId stream, std::uint8_t channel)
{
    if (StreamSink* sink = sink_of(stream)) sink->on_eof(channel);
}

void AgentLink::on_entries(wire::StreamId stream, std::span<const wire::Entry> entries)
{
    if (StreamSink* sink = sink_of(stream)) sink->on_entries(entries);
}

void AgentLink::on_changed(wire::StreamId stream, const wire::Changed& changed)
{
    if (StreamSink* sink = sink_of(stream))
        sink->on_changed(changed);
    else
        owner_.consumed(stream, wire::Channel::input, 1);
}

void AgentLink::on_started(wire::StreamId stream, std::uint64_t process)
{
    if (StreamSink* sink = sink_of(stream)) sink->on_started(process);
}

void AgentLink::on_processes(wire::StreamId stream, std::span<const wire::ProcessInfo> processes)
{
    if (StreamSink* sink = sink_of(stream)) sink->on_processes(processes);
}

void AgentLink::on_attached(wire::StreamId stream, const wire::Attached& attached)
{
    if (StreamSink* sink = sink_of(stream)) sink->on_attached(attached);
}

void AgentLink::on_measured(wire::StreamId stream, const wire::Measured& measured)
{
    if (StreamSink* sink = sink_of(stream)) sink->on_measured(measured);
}

void AgentLink::on_opened(wire::StreamId stream)
{
    if (StreamSink* sink = sink_of(stream)) sink->on_opened();
}

void AgentLink::on_credit(wire::StreamId stream, std::uint8_t channel)
{
    if (StreamSink* sink = sink_of(stream)) sink->on_credit(channel);
}

void AgentLink::on_exit(wire::StreamId stream, const wire::Exit& exit)
{
    end(stream, exit);
}

void AgentLink::on_reply(wire::StreamId stream, const wire::Reply& reply)
{
    end(stream, reply);
}

void AgentLink::on_error(wire::StreamId stream, const wire::Failure& failure)
{
    end(stream, failure);
}

void AgentLink::on_hello(const wire::Hello& hello)
{
    peer_ = hello.build;
    said_hello_ = true;
}

void AgentLink::on_proxy(wire::StreamId stream, const wire::Proxy& wanted)
{
    if (egress_ != nullptr) return egress_->on_proxy(stream, wanted);
    wire::Failure failure;
    failure.code = wire::FailureCode::denied;
    abandoned_.insert(stream);
    owner_.refuse(stream, failure);
}

void AgentLink::on_name_refused(const wire::NameRefused& name)
{
    if (egress_ != nullptr) egress_->on_name_refused(name);
}

void AgentLink::on_pong(std::uint64_t /*nonce*/)
{
    pinged_.reset();
}

}  // namespace sbx
