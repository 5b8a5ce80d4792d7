#include "core/store/adjustment_log.hpp"

#include <fmt/format.h>
#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>

namespace sbx {
namespace {

std::string_view name_of(AdjustmentState state)
{
    return boost::describe::enum_to_string(state, "pending");
}

StoredAdjustment adjustment_of_row(const Statement& row)
{
    StoredAdjustment adjustment;
    adjustment.id = row.text(0);
    adjustment.owner = row.text(1);
    adjustment.processor = row.text(2);
    boost::describe::enum_from_string(row.text(3).c_str(), adjustment.state);
    adjustment.attempts = row.integer(4);
    adjustment.last_error = row.text(5);
    adjustment.backend_status = row.optional_integer(6);
    adjustment.created = row.time(7);
    adjustment.ended = row.optional_time(8);
    adjustment.body = row.text(9);
    return adjustment;
}

}  // namespace

Result<void> AdjustmentLog::insert(const StoredAdjustment& adjustment, std::size_t most_pending)
{
    const Result<std::int64_t> kept = database_.number("SELECT count(*) FROM adjustments WHERE ended IS NULL");
    if (!kept) return kept.error();
    if (static_cast<std::size_t>(*kept) >= most_pending)
        return Error(Errc::resource_exhausted, fmt::format("{} adjustments wait for the backend already", *kept));
    const Result<std::int64_t> done = database_.execute(
        "INSERT INTO adjustments (id, owner, processor, state, attempts, last_error, backend_status, created, ended, "
        "body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        adjustment.id, adjustment.owner, adjustment.processor, name_of(adjustment.state), adjustment.attempts,
        adjustment.last_error, adjustment.backend_status, adjustment.created, adjustment.ended, adjustment.body);
    if (!done) return done.error();
    return {};
}

Result<void> AdjustmentLog::update(const StoredAdjustment& adjustment)
{
    const Result<std::int64_t> done = database_.execute(
        "UPDATE adjustments SET state = ?1, attempts = ?2, last_error = ?3, backend_status = ?4, ended = ?5, "
        "body = iif(?5 IS NULL, body, '') WHERE id = ?6",
        name_of(adjustment.state), adjustment.attempts, adjustment.last_error, adjustment.backend_status,
        adjustment.ended, adjustment.id);
    if (!done) return done.error();
    if (*done == 0) return Error(Errc::not_found, "no such adjustment");
    return {};
}

Result<StoredAdjustment> AdjustmentLog::find(std::string_view id, const std::optional<std::string>& owner)
{
    Result<Statement> statement = database_.prepare(
        "SELECT id, owner, processor, state, attempts, last_error, backend_status, created, ended, body "
        "FROM adjustments WHERE id = ?");
    if (!statement) return statement.error();
    const Result<bool> row = statement->bind(id).step();
    if (!row) return row.error();
    const bool is_there = *row && (!owner || statement->text(1) == *owner);
    if (!is_there) return Error(Errc::not_found, "no such adjustment");
    return adjustment_of_row(*statement);
}

Result<std::vector<PendingAdjustment>> AdjustmentLog::pending()
{
    Result<Statement> statement =
        database_.prepare("SELECT id, processor FROM adjustments WHERE ended IS NULL ORDER BY number");
    if (!statement) return statement.error();
    std::vector<PendingAdjustment> all;
    for (;;) {
        const Result<bool> row = statement->step();
        if (!row) return row.error();
        if (!*row) return all;
        all.push_back({statement->text(0), statement->text(1)});
    }
}

Result<std::size_t> AdjustmentLog::prune(std::chrono::milliseconds before, std::size_t most)
{
    const Result<std::int64_t> old = database_.execute("DELETE FROM adjustments WHERE ended < ?", before);
    if (!old) return old.error();
    const Result<std::int64_t> beyond = database_.execute(
        "DELETE FROM adjustments WHERE number IN (SELECT number FROM adjustments WHERE ended IS NOT NULL "
        "ORDER BY ended DESC, number DESC LIMIT -1 OFFSET ?)",
        static_cast<std::int64_t>(most));
    if (!beyond) return beyond.error();
    return static_cast<std::size_t>(*old + *beyond);
}

}  // namespace sbx
