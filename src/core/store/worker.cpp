#include "core/store/worker.hpp"

namespace sbx {

Result<void> StoreWorker::enter()
{
    if (is_closed_) return Error(Errc::unavailable, "the store is closed");
    if (waiting_.fetch_add(1, std::memory_order_relaxed) < most_waiting) return {};
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    return Error(Errc::unavailable, "the store cannot keep up");
}

void StoreWorker::begin(std::function<Result<void>(Database&)> work)
{
    if (!enter()) return;
    boost::asio::post(thread_, [this, begun = std::move(work)] { attempt<Result<void>>(begun); });
}

void StoreWorker::close()
{
    is_closed_ = true;
    thread_.join();
    database_.reset();
}

}  // namespace sbx
