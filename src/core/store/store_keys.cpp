#include "core/store/store.hpp"

#include <algorithm>

namespace sbx {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto rest_between_looks = 1s;
constexpr auto rest_between_uses = 1min;

}  // namespace

asio::awaitable<std::optional<ApiKey>> Store::find_key(std::string secret)
{
    if (Clock::now() - keys_seen_ >= rest_between_looks) {
        keys_seen_ = Clock::now();
        // Where that fails, what is known goes on to count.
        const Result<void> looked = co_await look_at_keys(keys_version_);
        static_cast<void>(looked);
    }
    const ApiKey* found = keys_.find(secret);
    if (found == nullptr) co_return std::nullopt;
    note_use(*found);
    co_return *found;
}

asio::awaitable<Result<void>> Store::look_at_keys(std::optional<std::int64_t> known)
{
    auto work = [known](Database& database) { return KeyTable(database).snapshot(known); };
    Result<std::optional<KeySnapshot>> now = co_await worker_->run(std::move(work));
    if (!now) co_return now.error();
    if (*now) take(std::move(**now));
    co_return Result<void>();
}

void Store::take(KeySnapshot keys)
{
    keys_ = std::move(keys.ring);
    requires_key_ = keys.are_required;
    keys_version_ = keys.version;
    keys_seen_ = Clock::now();
}

void Store::note_use(const ApiKey& key)
{
    const Clock::time_point now = Clock::now();
    const auto [at, is_first] = used_.try_emplace(key.id, now);
    if (!is_first && now - at->second < rest_between_uses) return;
    at->second = now;
    worker_->begin([id = key.id](Database& database) { return KeyTable(database).touch(id, record_time()); });
}

KeyQuota Store::quota_of(std::string_view id) const
{
    const auto found = std::ranges::find(keys_.keys(), id, &ApiKey::id);
    return found == keys_.keys().end() ? KeyQuota() : found->quota;
}

asio::awaitable<Result<void>> Store::reload_keys()
{
    return look_at_keys(std::nullopt);
}

asio::awaitable<Result<std::vector<ApiKey>>> Store::list_keys()
{
    auto work = [](Database& database) { return KeyTable(database).list(); };
    co_return co_await worker_->run(std::move(work));
}

asio::awaitable<Result<NewApiKey>> Store::create_key(std::string name, KeyQuota quota)
{
    auto work = [name = std::move(name), quota](Database& database) {
        return KeyTable(database).create(name, quota, record_time());
    };
    Result<NewApiKey> made = co_await worker_->run(std::move(work));
    if (!made) co_return made.error();
    // Its secret is shown this once: where it cannot be read back now, the next look will find it.
    (void)co_await reload_keys();
    co_return std::move(*made);
}

asio::awaitable<Result<ApiKey>> Store::revoke_key(std::string id_or_name)
{
    auto work = [text = std::move(id_or_name)](Database& database) {
        return KeyTable(database).revoke(text, record_time());
    };
    Result<ApiKey> revoked = co_await worker_->run(std::move(work));
    if (!revoked) co_return revoked.error();
    if (const Result<void> seen = co_await reload_keys(); !seen) co_return seen.error();
    co_return std::move(*revoked);
}

}  // namespace sbx
