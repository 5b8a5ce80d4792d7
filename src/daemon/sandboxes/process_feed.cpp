#include "daemon/sandboxes/process_feed.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <csignal>

namespace sbx::daemon {
namespace {

constexpr std::uint64_t kept_bytes = std::uint64_t{64} << 10;     // for a reader that comes late
constexpr std::uint64_t unread_bytes = std::uint64_t{256} << 10;  // then the program has to wait

}  // namespace

ProcessFeed::Reader::Reader(std::shared_ptr<ProcessFeed> feed) : feed_(std::move(feed))
{
    const auto& pieces = feed_->pieces_;
    taken_ = pieces.empty() ? feed_->written_ : pieces.front().end - pieces.front().bytes.size();
    feed_->readers_.insert(this);
}

ProcessFeed::Reader::~Reader()
{
    feed_->readers_.erase(this);
    feed_->is_left_ = feed_->readers_.empty();
    if (feed_->is_left_ && feed_->run_ != nullptr) feed_->run_->leave();
    feed_->notify();
}

asio::awaitable<std::optional<ProcessFeed::Piece>> ProcessFeed::Reader::next(const bool& is_gone)
{
    while (taken_ == feed_->written_ && !feed_->end_ && !is_gone) co_await feed_->changed_.wait(std::nullopt);
    std::optional<Piece> piece;
    if (taken_ == feed_->written_ || is_gone) co_return piece;
    piece = *std::ranges::upper_bound(feed_->pieces_, taken_, {}, &Piece::end);
    taken_ = piece->end;
    feed_->notify();
    co_return piece;
}

ProcessFeed::ProcessFeed(const asio::any_io_executor& executor, const Sandboxes& sandboxes,
                         std::shared_ptr<Living> living, std::uint64_t process)
    : sandboxes_(sandboxes), living_(std::move(living)), process_(process), changed_(executor)
{
}

asio::awaitable<void> ProcessFeed::serve()
{
    const auto self = shared_from_this();
    try {
        end_.emplace(co_await follow());
    } catch (...) {
        end_.emplace(Error(Errc::internal, "an unexpected failure"));
    }
    run_ = nullptr;
    notify();
}

asio::awaitable<Result<RunResult>> ProcessFeed::follow()
{
    if (is_left_) co_return Error(Errc::cancelled, "nobody reads any more");
    Result<std::unique_ptr<Channel>> channel = Sandboxes::connect(*living_);
    if (!channel) co_return channel.error();
    RunRequest request;
    request.limits.wall_ms.reset();
    request.limits.output_bytes.reset();
    Background background;
    background.process = process_;
    background.known = [](std::uint64_t /*process*/, std::uint64_t /*dropped_bytes*/) {};
    SessionRun run(changed_.executor(), *this, sandboxes_.store(), living_->now(), std::move(request),
                   std::move(background));
    run_ = &run;
    co_return co_await run.execute(std::move(*channel));
}

void ProcessFeed::kill()
{
    if (run_ != nullptr) run_->pass_signal(SIGKILL);
}

asio::awaitable<void> ProcessFeed::wait(std::chrono::milliseconds moment)
{
    if (!end_) co_await changed_.wait(std::chrono::steady_clock::now() + moment);
}

std::uint64_t ProcessFeed::taken_by_slowest() const
{
    std::uint64_t taken = written_;
    for (const Reader* reader : readers_) taken = std::min(taken, reader->taken_);
    return taken;
}

void ProcessFeed::forget_old()
{
    const std::uint64_t taken = taken_by_slowest();
    while (!pieces_.empty() && pieces_.front().end <= taken && written_ - pieces_.front().end >= kept_bytes)
        pieces_.pop_front();
}

asio::awaitable<Result<void>> ProcessFeed::write(OutputStream stream, std::span<const char> bytes)
{
    if (bytes.empty()) co_return Result<void>();
    written_ += bytes.size();
    pieces_.push_back({stream, std::string(bytes.data(), bytes.size()), written_});
    notify();
    while (written_ - taken_by_slowest() > unread_bytes) co_await changed_.wait(std::nullopt);
    forget_old();
    co_return Result<void>();
}

/// Its input is nobody's, and does not end with its readers.
asio::awaitable<Result<std::size_t>> ProcessFeed::read(std::span<char> /*into*/)
{
    while (!takes_no_input_) co_await changed_.wait(std::nullopt);
    co_return std::size_t{0};
}

void ProcessFeed::stop_reading()
{
    takes_no_input_ = true;
    notify();
}

std::shared_ptr<ProcessFeed> ProcessFeeds::open(const asio::any_io_executor& executor, std::shared_ptr<Living> living,
                                                std::uint64_t process)
{
    std::erase_if(feeds_, [](const auto& entry) { return entry.second.expired(); });
    std::weak_ptr<ProcessFeed>& known = feeds_[{living->record.id, process}];
    std::shared_ptr<ProcessFeed> feed = known.lock();
    if (feed && !feed->is_over()) return feed;
    feed = std::make_shared<ProcessFeed>(executor, sandboxes_, std::move(living), process);
    known = feed;
    asio::co_spawn(executor, feed->serve(), asio::detached);
    return feed;
}

}  // namespace sbx::daemon
