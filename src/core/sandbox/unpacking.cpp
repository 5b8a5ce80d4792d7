#include "core/sandbox/unpacking.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace sbx {
namespace {

/// So seldom is the link told that bytes were written: every time wakes its thread.
constexpr std::size_t told_bytes = std::size_t{256} << 10;

}  // namespace

Unpacking::Unpacking(AgentLink& link, std::filesystem::path directory, std::uint64_t limit_bytes)
    : link_(std::make_shared<AgentLink*>(&link)),
      thread_([this, directory = std::move(directory), limit_bytes] { run(directory, limit_bytes); })
{
}

Unpacking::~Unpacking()
{
    end();
    thread_.join();
}

void Unpacking::on_data(std::uint8_t /*channel*/, std::span<const char> bytes)
{
    const std::lock_guard lock(mutex_);
    coming_.append(bytes.data(), bytes.size());
    changed_.notify_one();
}

void Unpacking::end()
{
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_one();
}

std::size_t Unpacking::take_written()
{
    const std::lock_guard lock(mutex_);
    return std::exchange(written_, 0);
}

bool Unpacking::is_starved()
{
    const std::lock_guard lock(mutex_);
    return starved_ && coming_.empty();
}

std::optional<Result<Unpacked>> Unpacking::result()
{
    const std::lock_guard lock(mutex_);
    return result_;
}

void Unpacking::run(const std::filesystem::path& directory, std::uint64_t limit_bytes)
{
    Result<Unpacked> unpacked = unpack_below(
        directory, [this] { return next(); }, limit_bytes);
    const std::lock_guard lock(mutex_);
    result_ = std::move(unpacked);
    notify();
}

/// What was taken before is written out by now.
std::span<const char> Unpacking::next()
{
    std::unique_lock lock(mutex_);
    written_ += taken_.size();
    if (written_ >= told_bytes) notify();
    taken_.clear();
    starved_ = true;
    changed_.wait(lock, [this] { return !coming_.empty() || ended_; });
    starved_ = false;
    taken_.swap(coming_);
    return taken_;
}

void Unpacking::notify()
{
    asio::post((*link_)->changed().executor(), [reader = std::weak_ptr(link_)] {
        if (const std::shared_ptr<AgentLink*> link = reader.lock()) (*link)->flush();
    });
}

}  // namespace sbx
