#include "core/sandbox/directory_watch.hpp"

#include "core/sandbox/file_access.hpp"

#include <utility>

namespace sbx {
namespace {

wire::Watch request_for(std::string path, bool recursive)
{
    wire::Watch request;
    request.path = std::move(path);
    request.recursive = recursive;
    return request;
}

}  // namespace

DirectoryWatch::DirectoryWatch(AgentLink& link, std::string path, bool recursive)
    : link_(link),
      stream_(link.owner().watch(request_for(std::move(path), recursive))),
      attachment_(link, stream_, *this)
{
}

asio::awaitable<Result<void>> DirectoryWatch::begin()
{
    while (!is_open_ && link_.outcome(stream_) == nullptr && !link_.is_over())
        co_await link_.changed().wait(std::nullopt);
    if (is_open_) co_return Result<void>();
    const Result<wire::Reply> ended = co_await succeed(link_, stream_);
    co_return ended ? Error(Errc::internal, "the agent watches nothing") : ended.error();
}

asio::awaitable<Result<std::optional<wire::Changed>>> DirectoryWatch::next()
{
    while (changes_.empty() && link_.outcome(stream_) == nullptr && !link_.is_over())
        co_await link_.changed().wait(std::nullopt);
    if (changes_.empty()) {
        const Result<wire::Reply> ended = co_await succeed(link_, stream_);
        if (!ended) co_return ended.error();
        co_return std::optional<wire::Changed>();
    }
    std::optional<wire::Changed> change = std::move(changes_.front());
    changes_.pop_front();
    link_.owner().consumed(stream_, wire::Channel::input, 1);
    link_.flush();
    co_return change;
}

}  // namespace sbx
