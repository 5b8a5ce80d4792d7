#include "core/store/tombstones.hpp"

#include "core/json.hpp"

#include <algorithm>
#include <limits>

namespace sbx {
namespace {

constexpr std::string_view columns = "id, name, owner, cause, created, ended, labels";

Tombstone tombstone_of_row(const Statement& row)
{
    Tombstone tombstone;
    tombstone.id = row.text(0);
    tombstone.name = row.text(1);
    tombstone.owner = row.text(2);
    boost::describe::enum_from_string(row.text(3).c_str(), tombstone.cause);
    tombstone.created = row.time(4);
    tombstone.ended = row.time(5);
    if (auto labels = parse_as<std::map<std::string, std::string>>(row.text(6))) tombstone.labels = std::move(*labels);
    return tombstone;
}

std::int64_t bounded(std::size_t value)
{
    constexpr auto most = static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max());
    return static_cast<std::int64_t>(std::min(value, most));
}

}  // namespace

Result<void> Tombstones::add(const Tombstone& tombstone)
{
    // Labels are what callers sent: bytes that are no UTF-8 must not throw.
    const std::string labels =
        nlohmann::json(tombstone.labels).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    const Result<std::int64_t> done = database_.execute(
        "INSERT INTO tombstones (id, name, owner, cause, created, ended, labels) VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (id) DO NOTHING",
        tombstone.id, tombstone.name, tombstone.owner,
        std::string_view(boost::describe::enum_to_string(tombstone.cause, "lost")), tombstone.created, tombstone.ended,
        labels);
    if (!done) return done.error();
    return {};
}

Result<Tombstone> Tombstones::find(std::string_view id, const std::optional<std::string>& owner)
{
    static const std::string sql = fmt::format("SELECT {} FROM tombstones WHERE id = ?", columns);
    Result<Statement> statement = database_.prepare(sql);
    if (!statement) return statement.error();
    const Result<bool> row = statement->bind(id).step();
    if (!row) return row.error();
    const bool is_there = *row && (!owner || statement->text(2) == *owner);
    if (!is_there) return Error(Errc::not_found, fmt::format("no such sandbox: {}", id));
    return tombstone_of_row(*statement);
}

Result<std::vector<Tombstone>> Tombstones::list(const std::optional<std::string>& owner, std::size_t limit)
{
    const std::string sql = fmt::format("SELECT {} FROM tombstones{} ORDER BY ended DESC, id DESC LIMIT ?", columns,
                                        owner ? " WHERE owner = ?" : "");
    Result<Statement> statement = database_.prepare(sql);
    if (!statement) return statement.error();
    if (owner)
        statement->bind(*owner, bounded(limit));
    else
        statement->bind(bounded(limit));
    std::vector<Tombstone> all;
    for (;;) {
        const Result<bool> row = statement->step();
        if (!row) return row.error();
        if (!*row) return all;
        all.push_back(tombstone_of_row(*statement));
    }
}

Result<std::size_t> Tombstones::prune(std::chrono::milliseconds before, std::size_t most)
{
    const Result<std::int64_t> old = database_.execute("DELETE FROM tombstones WHERE ended < ?", before);
    if (!old) return old.error();
    const Result<std::int64_t> beyond = database_.execute(
        "DELETE FROM tombstones WHERE id IN (SELECT id FROM tombstones ORDER BY ended DESC, id DESC LIMIT -1 OFFSET ?)",
        bounded(most));
    if (!beyond) return beyond.error();
    return static_cast<std::size_t>(*old + *beyond);
}

}  // namespace sbx
