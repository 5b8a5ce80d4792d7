#include "core/store/store.hpp"

#include "core/store/key_table.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sbx {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto patience_for_more = 20ms;

/// What was not read or written because there is no room must not keep the daemon from starting.
bool may_go_on(const Database& database)
{
    return database.health() == StoreHealth::full;
}

Result<std::size_t> forget_old(Database& database, const StoreOptions& options)
{
    const std::chrono::milliseconds now = record_time();
    const Result<std::size_t> executions = ExecutionLog(database).prune(options.executions, now);
    if (!executions) return executions.error();
    const Result<std::size_t> ended = Tombstones(database).prune(now - options.tombstone_age, options.most_tombstones);
    if (!ended) return ended.error();
    const Result<std::size_t> adjusted =
        AdjustmentLog(database).prune(now - options.adjustment_age, options.most_ended_adjustments);
    if (!adjusted) return adjusted.error();
    return *executions;
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const fs::path& state, StoreOptions options)
{
    if (state.empty()) return Error(Errc::unavailable, "there is no state directory to keep a store in", "set HOME");
    Result<DaemonLock> lock = DaemonLock::acquire(state);
    if (!lock) return lock.error();
    Result<StoreFile> file = open_store_file(store_path(state), Unsound::set_aside, options.most_file_bytes);
    if (!file) return file.error();
    StoreReport report;
    report.set_aside = file->set_aside;
    const Result<std::size_t> lost = ExecutionLog(file->database).end_lost(record_time());
    if (!lost && !may_go_on(file->database)) return lost.error();
    if (lost) report.lost_executions = *lost;
    const Result<std::size_t> old = forget_old(file->database, options);
    if (!old && !may_go_on(file->database)) return old.error();
    Result<std::optional<KeySnapshot>> keys = KeyTable(file->database).snapshot(std::nullopt);
    if (!keys) return keys.error();
    auto worker = std::make_unique<StoreWorker>(std::move(*lock), std::move(file->database));
    std::unique_ptr<Store> store(new Store(std::move(worker), state, options, std::move(report)));
    store->take(std::move(**keys));
    return store;
}

Store::Store(std::unique_ptr<StoreWorker> worker, fs::path state, StoreOptions options, StoreReport report)
    : worker_(std::move(worker)), state_(std::move(state)), options_(options), report_(std::move(report))
{
}

Store::~Store() = default;

asio::awaitable<Result<void>> Store::flush()
{
    return worker_->run([](Database& database) { return database.execute_script("PRAGMA wal_checkpoint"); });
}

void Store::close()
{
    worker_->close();
}

// ---- executions

asio::awaitable<Result<void>> Store::add_execution(StoredExecution execution)
{
    return worker_->run(
        [execution = std::move(execution)](Database& database) { return ExecutionLog(database).insert(execution); });
}

asio::awaitable<void> Store::end_execution(std::function<StoredExecution()> describe, bool is_new)
{
    const bool is_first = worker_->begin_later([describe = std::move(describe), is_new]() -> StoreWorker::Work {
        return [execution = describe(), is_new](Database& database) {
            return is_new ? ExecutionLog(database).insert(execution) : ExecutionLog(database).update(execution);
        };
    });
    if (!is_first) co_return;
    asio::steady_timer moment(co_await asio::this_coro::executor, patience_for_more);
    co_await moment.async_wait(asio::use_awaitable);
    worker_->begin_waiting();
}

asio::awaitable<Result<StoredExecution>> Store::find_execution(std::string id, std::optional<std::string> owner)
{
    return worker_->run([id = std::move(id), owner = std::move(owner)](Database& database) {
        return ExecutionLog(database).find(id, owner);
    });
}

asio::awaitable<Result<ExecutionPage>> Store::list_executions(ExecutionQuery query)
{
    return worker_->run([query = std::move(query)](Database& database) { return ExecutionLog(database).list(query); });
}

asio::awaitable<Result<std::uint64_t>> Store::count_executions(ExecutionQuery query)
{
    return worker_->run([query = std::move(query)](Database& database) { return ExecutionLog(database).count(query); });
}

asio::awaitable<Result<void>> Store::remove_execution(std::string id, std::optional<std::string> owner)
{
    return worker_->run([id = std::move(id), owner = std::move(owner)](Database& database) {
        return ExecutionLog(database).remove(id, owner);
    });
}

// ---- tombstones

asio::awaitable<Result<void>> Store::add_tombstone(Tombstone tombstone)
{
    return worker_->run(
        [tombstone = std::move(tombstone)](Database& database) { return Tombstones(database).add(tombstone); });
}

asio::awaitable<Result<Tombstone>> Store::find_tombstone(std::string id, std::optional<std::string> owner)
{
    return worker_->run([id = std::move(id), owner = std::move(owner)](Database& database) {
        return Tombstones(database).find(id, owner);
    });
}

asio::awaitable<Result<std::vector<Tombstone>>> Store::list_tombstones(std::optional<std::string> owner,
                                                                       std::size_t limit)
{
    return worker_->run(
        [owner = std::move(owner), limit](Database& database) { return Tombstones(database).list(owner, limit); });
}

// ---- adjustments

asio::awaitable<Result<void>> Store::add_adjustment(StoredAdjustment adjustment, std::size_t most_pending)
{
    return worker_->run([adjustment = std::move(adjustment), most_pending](Database& database) {
        return AdjustmentLog(database).insert(adjustment, most_pending);
    });
}

asio::awaitable<Result<void>> Store::update_adjustment(StoredAdjustment adjustment)
{
    return worker_->run([adjustment = std::move(adjustment)](Database& database) {
        return AdjustmentLog(database).update(adjustment);
    });
}

asio::awaitable<Result<StoredAdjustment>> Store::find_adjustment(std::string id, std::optional<std::string> owner)
{
    return worker_->run([id = std::move(id), owner = std::move(owner)](Database& database) {
        return AdjustmentLog(database).find(id, owner);
    });
}

asio::awaitable<Result<std::vector<PendingAdjustment>>> Store::pending_adjustments()
{
    return worker_->run([](Database& database) { return AdjustmentLog(database).pending(); });
}

asio::awaitable<Result<std::size_t>> Store::prune()
{
    return worker_->run([options = options_](Database& database) { return forget_old(database, options); });
}

}  // namespace sbx
