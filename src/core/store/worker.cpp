#include "core/store/worker.hpp"

namespace sbx {
namespace {

/// What cannot be done for a reason of its own keeps nothing else from being done.
Result<void> do_all(Database& database, const std::vector<StoreWorker::Work>& works)
{
    return database.transaction([&]() -> Result<void> {
        for (const auto& work : works) {
            const Result<void> done = work(database);
            if (!done && done.error().code == Errc::unavailable) return done.error();
        }
        return {};
    });
}

}  // namespace

Result<void> StoreWorker::enter(std::size_t count)
{
    if (is_closed_) return Error(Errc::unavailable, "the store is closed");
    if (waiting_.fetch_add(count, std::memory_order_relaxed) + count <= most_waiting) return {};
    waiting_.fetch_sub(count, std::memory_order_relaxed);
    return Error(Errc::unavailable, "the store cannot keep up");
}

void StoreWorker::begin(Work work)
{
    begin_waiting();
    post(std::move(work), 1);
}

void StoreWorker::post(Work work, std::size_t count)
{
    if (!enter(count)) return;
    boost::asio::post(thread_, [this, count, begun = std::move(work)] { attempt<Result<void>>(begun, count); });
}

bool StoreWorker::begin_later(std::function<Work()> prepare)
{
    if (is_closed_ || later_.size() >= most_waiting) return false;
    later_.push_back(std::move(prepare));
    return later_.size() == 1;
}

void StoreWorker::begin_waiting()
{
    if (later_.empty()) return;
    std::vector<Work> works;
    for (const auto& prepare : std::exchange(later_, {})) works.push_back(prepare());
    const std::size_t count = works.size();
    post([works = std::move(works)](Database& database) { return do_all(database, works); }, count);
}

void StoreWorker::close()
{
    begin_waiting();
    is_closed_ = true;
    thread_.join();
    database_.reset();
}

}  // namespace sbx
