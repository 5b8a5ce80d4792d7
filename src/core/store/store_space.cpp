#include "core/store/store.hpp"

#include <fmt/format.h>
#include <sys/statvfs.h>

namespace sbx {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto rest_between_looks = 1s;

/// Whether the disk below `path` has less than `bytes` left for this user.
bool is_low(const std::filesystem::path& path, std::uint64_t bytes)
{
    struct statvfs disk {};
    if (::statvfs(path.c_str(), &disk) != 0) return false;  // a write will tell
    return std::uint64_t{disk.f_bavail} * disk.f_frsize < bytes;
}

/// Tries a write where the last one failed.
Result<void> try_write(Database& database)
{
    if (database.health() == StoreHealth::good) return {};
    if (database.health() == StoreHealth::damaged)
        return Error(Errc::unavailable, "the store is damaged", "restart the daemon, which sets it aside");
    const Result<std::int64_t> done =
        database.execute("INSERT OR REPLACE INTO facts (name, value) VALUES ('last_trial', datetime())");
    if (!done) return done.error();
    return {};
}

}  // namespace

asio::awaitable<Result<void>> Store::check_space()
{
    if (Clock::now() - space_seen_ < rest_between_looks) co_return space_;
    space_seen_ = Clock::now();
    auto work = [state = state_, reserve = options_.reserved_disk_bytes](Database& database) -> Result<bool> {
        if (is_low(state, reserve)) return true;
        if (const Result<void> written = try_write(database); !written) return written.error();
        return false;
    };
    const Result<bool> low = co_await worker_->run(std::move(work));
    is_disk_low_ = low && *low;
    if (!low)
        space_ = low.error();
    else if (*low)
        space_ = Error(Errc::unavailable, fmt::format("the disk of {} is nearly full", state_.string()),
                       fmt::format("df -h {}", state_.string()));
    else
        space_ = Result<void>();
    co_return space_;
}

}  // namespace sbx
