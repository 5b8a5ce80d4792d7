#include "daemon/executions/admission.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sbx::daemon {

/// A ticket is in its queue for as long as somebody waits with it, however that ends.
struct Admission::Registration {
    Registration(Admission& of_, const std::string& key_, std::size_t most) : of(of_), key(key_)
    {
        Queue& queue = of.queues_[key];
        queue.most = most;
        queue.waiting.push_back(&ticket);
    }
    ~Registration()
    {
        if (kept) return;
        std::erase(of.queues_[key].waiting, &ticket);
        if (ticket.admitted) of.leave(key);
    }
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;

    Admission& of;
    const std::string& key;
    Ticket ticket;
    bool kept = false;
};

boost::asio::awaitable<Result<Admission::Place>> Admission::enter(std::string key, std::optional<std::size_t> most)
{
    if (most == 0U) co_return Error(Errc::resource_exhausted, "this key may have no executions");
    if (is_full(key))
        co_return Error(Errc::resource_exhausted,
                        fmt::format("{} of yours wait already for their turn", bounds_.waiting_per_key),
                        "try again when some have ended");
    Registration registration(*this, key, most.value_or(bounds_.per_key));
    admit();
    while (!registration.ticket.admitted) co_await changed_.wait(std::nullopt);
    registration.kept = true;
    co_return Place(*this, key);
}

bool Admission::has_room(const std::string& key, std::optional<std::size_t> most) const
{
    const auto at = queues_.find(key);
    const bool is_new = at == queues_.end();
    const std::size_t of_key = most.value_or(bounds_.per_key);
    if (working_ >= bounds_.total || of_key == 0) return false;
    return is_new || (at->second.waiting.empty() && at->second.working < of_key);
}

bool Admission::is_full(const std::string& key) const
{
    const auto at = queues_.find(key);
    return at != queues_.end() && at->second.waiting.size() >= bounds_.waiting_per_key;
}

std::size_t Admission::waiting() const
{
    std::size_t all = 0;
    for (const auto& [key, queue] : queues_) all += queue.waiting.size();
    return all;
}

void Admission::leave(const std::string& key)
{
    Queue& queue = queues_[key];
    --queue.working;
    --working_;
    if (queue.working == 0 && queue.waiting.empty()) queues_.erase(key);
    admit();
}

/// The next key after the last one that has somebody waiting and may have one more at work.
void Admission::admit()
{
    while (working_ < bounds_.total) {
        const auto may = [&](const auto& entry) {
            return !entry.second.waiting.empty() && entry.second.working < entry.second.most;
        };
        auto next = std::find_if(queues_.upper_bound(last_), queues_.end(), may);
        if (next == queues_.end()) next = std::find_if(queues_.begin(), queues_.end(), may);
        if (next == queues_.end()) return;
        Queue& queue = next->second;
        queue.waiting.front()->admitted = true;
        queue.waiting.pop_front();
        ++queue.working;
        ++working_;
        last_ = next->first;
        changed_.notify_all();
    }
}

}  // namespace sbx::daemon
