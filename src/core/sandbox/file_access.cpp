#include "core/sandbox/file_access.hpp"

#include "core/read_buffer.hpp"
#include "core/sandbox/attachment.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>

namespace sbx {
namespace {

constexpr std::size_t piece_bytes = std::size_t{256} << 10;

class EntrySink : public StreamSink {
   public:
    void on_entries(std::span<const wire::Entry> found) override
    {
        entries.insert(entries.end(), found.begin(), found.end());
    }

    std::vector<wire::Entry> entries;
};

/// Holds bytes until they are passed on; the wire's window bounds them.
class ByteSink : public StreamSink {
   public:
    void on_data(std::uint8_t /*channel*/, std::span<const char> bytes) override
    {
        pending.append(bytes.data(), bytes.size());
    }

    std::string pending;
};

/// Ends with the operation, whether or not all was sent.
asio::awaitable<void> feed(AgentLink& link, wire::StreamId stream, ProgramIo& from)
{
    ReadBuffer buffer(piece_bytes);
    while (link.owner().is_open(stream) && !link.is_over()) {
        const std::size_t room = std::min(link.owner().may_send(stream), piece_bytes);
        if (room == 0) {
            co_await link.changed().wait(std::nullopt);
            continue;
        }
        const Result<std::size_t> got = co_await from.read(buffer.all().first(room));
        if (!got || *got == 0) {
            link.owner().eof(stream);
            link.flush();
            co_return;
        }
        link.owner().send(stream, buffer.first(*got));
        link.flush();
    }
}

asio::awaitable<Result<wire::Reply>> succeed_and_wake(AgentLink& link, wire::StreamId stream, ProgramIo& from)
{
    Result<wire::Reply> reply = co_await succeed(link, stream);
    from.stop_reading();
    co_return reply;
}

}  // namespace

asio::awaitable<Result<wire::Reply>> succeed(AgentLink& link, wire::StreamId stream)
{
    link.flush();
    const Result<Outcome> outcome = co_await link.finish(stream);
    if (!outcome) co_return outcome.error();
    if (const auto* failure = std::get_if<wire::Failure>(&*outcome)) co_return wire::to_error(*failure);
    co_return std::get<wire::Reply>(*outcome);
}

asio::awaitable<Result<wire::Entry>> stat_inside(AgentLink& link, std::string path)
{
    wire::Stat request;
    request.path = std::move(path);
    const wire::StreamId stream = link.owner().stat(request);
    EntrySink sink;
    const Attachment attachment(link, stream, sink);
    const Result<wire::Reply> done = co_await succeed(link, stream);
    if (!done) co_return done.error();
    if (sink.entries.empty()) co_return Error(Errc::internal, "the agent told nothing of a file");
    co_return std::move(sink.entries.front());
}

asio::awaitable<Result<Listing>> list_inside(AgentLink& link, std::string directory, std::uint32_t depth)
{
    wire::List request;
    request.directory = std::move(directory);
    request.depth = depth;
    const wire::StreamId stream = link.owner().list(request);
    EntrySink sink;
    const Attachment attachment(link, stream, sink);
    const Result<wire::Reply> done = co_await succeed(link, stream);
    if (!done) co_return done.error();
    Listing listing;
    listing.entries = std::move(sink.entries);
    listing.truncated = done->truncated;
    std::ranges::sort(listing.entries, {}, &wire::Entry::path);
    co_return listing;
}

asio::awaitable<Result<wire::Reply>> receive_data(AgentLink& link, wire::StreamId stream, ProgramIo& to)
{
    ByteSink sink;
    const Attachment attachment(link, stream, sink);
    std::string bytes;
    for (;;) {
        const bool ended = link.outcome(stream) != nullptr || link.is_over();
        if (sink.pending.empty() && ended) break;
        if (sink.pending.empty()) {
            co_await link.changed().wait(std::nullopt);
            continue;
        }
        bytes.clear();
        bytes.swap(sink.pending);
        const Result<void> written = co_await to.write(OutputStream::out, bytes);
        if (!written) {
            link.owner().close(stream);
            link.flush();
            co_return written.error();
        }
        link.owner().consumed(stream, wire::Channel::input, bytes.size());
        link.flush();
    }
    co_return co_await succeed(link, stream);
}

asio::awaitable<Result<wire::Reply>> send_data(AgentLink& link, wire::StreamId stream, ProgramIo& from)
{
    using namespace asio::experimental::awaitable_operators;
    link.flush();
    co_return co_await (succeed_and_wake(link, stream, from) && feed(link, stream, from));
}

}  // namespace sbx
