#include "core/remote/deferred_channel.hpp"

#include "core/sandbox/condition.hpp"

#include <optional>

namespace sbx {
namespace {

/// Outlives the channel for as long as something waits in it.
struct Opening {
    Opening(const asio::any_io_executor& executor, OpenChannel open_) : open(std::move(open_)), opened(executor) {}

    OpenChannel open;
    Condition opened;
    std::optional<Result<std::unique_ptr<Channel>>> channel;
    bool begun = false;
    bool closed = false;
};

/// @return nullptr: closed meanwhile
asio::awaitable<Result<Channel*>> opened(std::shared_ptr<Opening> opening)
{
    if (!opening->begun) {
        opening->begun = true;
        opening->channel.emplace(co_await opening->open());
        opening->opened.notify_all();
    }
    while (!opening->channel && !opening->closed) co_await opening->opened.wait(std::nullopt);
    if (opening->closed) co_return nullptr;
    if (!*opening->channel) co_return opening->channel->error();
    co_return (*opening->channel)->get();
}

class DeferredChannel final : public Channel {
   public:
    explicit DeferredChannel(std::shared_ptr<Opening> opening) : opening_(std::move(opening)) {}
    ~DeferredChannel() override { close_now(); }
    DeferredChannel(const DeferredChannel&) = delete;
    DeferredChannel& operator=(const DeferredChannel&) = delete;

    asio::awaitable<Result<std::size_t>> read_some(std::span<char> into) override
    {
        const auto opening = opening_;  // `this` may go while this waits
        const Result<Channel*> channel = co_await opened(opening);
        if (!channel) co_return channel.error();
        if (*channel == nullptr) co_return 0;
        co_return co_await (*channel)->read_some(into);
    }
    asio::awaitable<Result<void>> write(std::span<const char> bytes) override
    {
        const auto opening = opening_;
        const Result<Channel*> channel = co_await opened(opening);
        if (!channel) co_return channel.error();
        if (*channel == nullptr) co_return Error(Errc::cancelled, "closed");
        co_return co_await (*channel)->write(bytes);
    }
    void close() override { close_now(); }

   private:
    void close_now()
    {
        opening_->closed = true;
        if (opening_->channel && *opening_->channel) (**opening_->channel)->close();
        opening_->opened.notify_all();
    }

    std::shared_ptr<Opening> opening_;
};

}  // namespace

std::unique_ptr<Channel> deferred_channel(const asio::any_io_executor& executor, OpenChannel open)
{
    return std::make_unique<DeferredChannel>(std::make_shared<Opening>(executor, std::move(open)));
}

}  // namespace sbx
