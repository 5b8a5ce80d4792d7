#include "core/sandbox/program_output.hpp"

#include <algorithm>
#include <utility>

namespace sbx {
namespace {

std::uint8_t channel_of(OutputStream stream)
{
    return stream == OutputStream::out ? wire::Channel::out : wire::Channel::err;
}

std::size_t index_of(std::uint8_t channel)
{
    return channel == wire::Channel::out ? 0 : 1;
}

}  // namespace

ProgramOutput::ProgramOutput(AgentLink& link, ProgramIo& io, StopPlan& stop, const RunRequest& request,
                             RunResult& result)
    : link_(link),
      io_(io),
      stop_(stop),
      account_(request, result),
      report_bytes_(request.report_bytes),
      report_(result.report)
{
}

void ProgramOutput::follow(wire::StreamId program)
{
    program_ = program;
    begun_ = false;
    link_.attach_sink(program, *this);
}

void ProgramOutput::follow(wire::StreamId program, BackgroundKnown known)
{
    background_ = std::move(known);
    follow(program);
}

void ProgramOutput::begin()
{
    begun_ = true;
    link_.changed().notify_all();
}

void ProgramOutput::finish()
{
    finished_ = true;
    link_.changed().notify_all();
}

void ProgramOutput::on_data(std::uint8_t channel, std::span<const char> bytes)
{
    if (channel == wire::Channel::first_extra) return keep_report(bytes);
    const std::span<const char> taken = account_.take(channel, bytes);
    if (account_.is_exceeded()) stop_.kill(StopCause::output_limit, StopPlan::TimePoint::clock::now());
    pending_.at(index_of(channel)).bytes.append(taken.data(), taken.size());
    // What is beyond the limit is taken and dropped, so that the end can come through.
    if (taken.size() < bytes.size()) link_.owner().consumed(program_, channel, bytes.size() - taken.size());
}

/// It counts as output; what does not fit is dropped.
void ProgramOutput::keep_report(std::span<const char> bytes)
{
    if (!account_.take(bytes.size())) stop_.kill(StopCause::output_limit, StopPlan::TimePoint::clock::now());
    report_.append(bytes.data(), std::min(bytes.size(), report_bytes_ - report_.size()));
    io_.on_report(bytes);
    link_.owner().consumed(program_, wire::Channel::first_extra, bytes.size());
}

asio::awaitable<void> ProgramOutput::write(OutputStream stream)
{
    Pending& pending = pending_.at(index_of(channel_of(stream)));
    std::string writing;
    while (!finished_ || !pending.bytes.empty()) {
        if (pending.bytes.empty() || !begun_) {
            co_await link_.changed().wait(std::nullopt);
            continue;
        }
        writing.clear();
        writing.swap(pending.bytes);
        pending.busy = true;
        co_await write_out(stream, writing);
        pending.busy = false;
        link_.owner().consumed(program_, channel_of(stream), writing.size());
        link_.flush();
    }
}

/// After a failure the rest is dropped: the program is being ended.
asio::awaitable<void> ProgramOutput::write_out(OutputStream stream, std::string& bytes)
{
    if (failure_) co_return;
    const Result<void> written = co_await io_.write(stream, bytes);
    if (written) co_return;
    failure_ = written.error();
    const bool reader_gone = failure_->code == Errc::cancelled;
    stop_.kill(reader_gone ? StopCause::reader_gone : StopCause::output_failed, StopPlan::TimePoint::clock::now());
}

asio::awaitable<void> ProgramOutput::drain()
{
    const auto is_idle = [](const Pending& pending) { return pending.bytes.empty() && !pending.busy; };
    while (!std::ranges::all_of(pending_, is_idle)) co_await link_.changed().wait(std::nullopt);
}

}  // namespace sbx
