#include "agent/operation.hpp"

#include <algorithm>
#include <utility>

namespace sbx::agent {
namespace {

std::uint64_t microseconds(const timeval& time)
{
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(time.tv_usec);
}

}  // namespace

wire::Failure make_failure(wire::FailureCode code, std::string message)
{
    constexpr std::string_view gap = "...";
    constexpr std::size_t end = wire::max_message_bytes / 4;
    if (message.size() > wire::max_message_bytes)
        message.replace(wire::max_message_bytes - end - gap.size(),
                        message.size() - wire::max_message_bytes + gap.size(), gap);
    return {.code = code, .message = std::move(message)};
}

void Usage::add(const rusage& usage)
{
    user_us += microseconds(usage.ru_utime);
    system_us += microseconds(usage.ru_stime);
    peak_rss_bytes = std::max(peak_rss_bytes, static_cast<std::uint64_t>(usage.ru_maxrss) << 10);
}

Operation::~Operation()
{
    if (started_ && !ended_) --sandbox_.running;
}

void Operation::start()
{
    started_ = true;
    ++sandbox_.running;
    run();
}

void Operation::fail(wire::FailureCode code, std::string message)
{
    if (ended_) return;
    if (id_ != 0) uplink().send(Type::error, id_, make_failure(code, std::move(message)));
    finish(false);
}

void Operation::reply(const wire::Reply& reply)
{
    if (id_ != 0) uplink().send(Type::reply, id_, reply);
    finish(true);
}

void Operation::finish(bool succeeded)
{
    ended_ = true;
    if (id_ != 0) sandbox_.ends.add(id_, succeeded);
    if (started_) --sandbox_.running;
}

void Operation::abandon()
{
    id_ = 0;
    on_close();
}

StreamId Operation::hand_over()
{
    const StreamId stream = std::exchange(id_, 0);
    finish(true);
    return stream;
}

void Operation::leave_stream(std::string message)
{
    const StreamId stream = std::exchange(id_, 0);
    if (stream == 0) return;
    uplink().send(Type::error, stream, make_failure(wire::FailureCode::cancelled, std::move(message)));
    sandbox_.ends.add(stream, false);
}

const char* Operation::on_data(std::uint8_t, std::span<const char>)
{
    return "data on a channel that is not open";
}

const char* Operation::on_eof(std::uint8_t)
{
    return "eof on a channel that is not open";
}

const char* Operation::on_credit(std::uint8_t, std::uint32_t)
{
    return "credit on a channel that is not open";
}

}  // namespace sbx::agent
