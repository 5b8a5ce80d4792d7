#include "core/docker/attach_channel.hpp"

#include "core/docker/socket_transport.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace sbx::docker {
namespace {

asio::awaitable<void> write_opening(std::shared_ptr<Attachment> attachment, std::string opening)
{
    // A stream that breaks says so to its reader, and the ending says why.
    const Result<void> written = co_await attachment->connection->write(opening);
    attachment->writes_opening = false;
    attachment->opening_written.cancel();
}

}  // namespace

void begin_writing(const std::shared_ptr<Attachment>& attachment, std::string opening)
{
    if (opening.empty()) return;
    attachment->writes_opening = true;
    attachment->opening_written.expires_at(asio::steady_timer::time_point::max());
    asio::co_spawn(attachment->opening_written.get_executor(), write_opening(attachment, std::move(opening)),
                   asio::detached);
}

asio::awaitable<Result<std::size_t>> AttachChannel::read_some(std::span<char> bytes)
{
    const std::shared_ptr<Attachment> attachment = attachment_;  // `this` may go while a read is pending
    for (;;) {
        Result<std::size_t> taken = attachment->demux.take(bytes);
        if (!taken || *taken > 0 || bytes.empty()) co_return taken;
        const std::span<char> room = attachment->demux.room();
        const Result<std::size_t> read = co_await attachment->connection->read_some(room);
        if (!read) co_return read.error();
        if (*read == 0) co_return std::size_t{0};
        attachment->demux.commit(*read);
    }
}

asio::awaitable<Result<void>> AttachChannel::write(std::span<const char> bytes)
{
    const std::shared_ptr<Attachment> attachment = attachment_;
    while (attachment->writes_opening) {
        error_code woken;
        co_await attachment->opening_written.async_wait(into(woken));
    }
    co_return co_await attachment->connection->write(bytes);
}

}  // namespace sbx::docker
