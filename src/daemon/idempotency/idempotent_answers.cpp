#include "daemon/idempotency/idempotent_answers.hpp"

#include <algorithm>

namespace sbx::daemon {
namespace {

std::size_t size_of(const Response& answer)
{
    constexpr std::size_t beside_texts = 512;
    std::size_t bytes = beside_texts + answer.body.size() + answer.content_type.size();
    for (const auto& [name, value] : answer.headers) bytes += name.size() + value.size();
    return bytes;
}

}  // namespace

IdempotentAnswers::Found IdempotentAnswers::begin(const Name& name, const Digest& request, TimePoint now)
{
    forget_old(now);
    const auto at = entries_.find(name);
    if (at != entries_.end()) {
        const Entry& entry = at->second;
        if (entry.request != request) return {State::other_request, nullptr};
        if (!entry.answer) return {State::under_way, nullptr};
        return {State::kept, &*entry.answer};
    }
    if (!make_room(name.owner, 1, 0)) return {State::full, nullptr};
    entries_[name].request = request;
    ++usage_[name.owner].count;
    ++total_.count;
    return {};
}

bool IdempotentAnswers::fits(const Response& answer) const
{
    return size_of(answer) <= bounds_.answer_bytes;
}

void IdempotentAnswers::keep(const Name& name, Response answer, TimePoint now)
{
    const auto at = entries_.find(name);
    if (at == entries_.end() || at->second.answer) return;
    const std::size_t bytes = size_of(answer);
    if (!make_room(name.owner, 0, bytes)) return erase(name);
    at->second.answer = std::move(answer);
    at->second.bytes = bytes;
    at->second.kept = now;
    usage_[name.owner].bytes += bytes;
    total_.bytes += bytes;
    order_.push_back(name);
}

void IdempotentAnswers::drop(const Name& name)
{
    const auto at = entries_.find(name);
    if (at != entries_.end() && !at->second.answer) erase(name);
}

void IdempotentAnswers::forget_old(TimePoint now)
{
    while (!order_.empty() && now - entries_.at(order_.front()).kept >= bounds_.lifetime) {
        const Name oldest = std::move(order_.front());
        order_.pop_front();
        erase(oldest);
    }
}

bool IdempotentAnswers::make_room(const std::string& owner, std::size_t count, std::size_t bytes)
{
    const auto own = [&] {
        const auto at = usage_.find(owner);
        return at == usage_.end() ? Usage() : at->second;
    };
    while (own().count + count > bounds_.per_owner || own().bytes + bytes > bounds_.bytes_per_owner)
        if (!evict_oldest(owner)) return false;
    while (total_.count + count > bounds_.total || total_.bytes + bytes > bounds_.total_bytes) {
        const std::string most = heaviest();
        if (!evict_oldest(most)) return false;
    }
    return true;
}

/// Only of those that have an answer: what is under way must not be begun a second time.
bool IdempotentAnswers::evict_oldest(const std::string& owner)
{
    const auto at = std::ranges::find(order_, owner, &Name::owner);
    if (at == order_.end()) return false;
    const Name oldest = std::move(*at);
    order_.erase(at);
    erase(oldest);
    return true;
}

const std::string& IdempotentAnswers::heaviest() const
{
    const auto weight = [&](const auto& entry) {
        const Usage& usage = entry.second;
        return std::max(static_cast<double>(usage.count) / static_cast<double>(bounds_.total),
                        static_cast<double>(usage.bytes) / static_cast<double>(bounds_.total_bytes));
    };
    return std::ranges::max_element(usage_, {}, weight)->first;
}

void IdempotentAnswers::erase(const Name& name)
{
    const auto at = entries_.find(name);
    const auto usage = usage_.find(name.owner);
    total_.bytes -= at->second.bytes;
    usage->second.bytes -= at->second.bytes;
    --total_.count;
    if (--usage->second.count == 0) usage_.erase(usage);
    entries_.erase(at);
}

}  // namespace sbx::daemon
