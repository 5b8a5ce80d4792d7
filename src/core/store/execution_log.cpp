#include "core/store/execution_log.hpp"

#include "core/store/execution_query.hpp"

#include <fmt/format.h>
#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>

namespace sbx {
namespace {

/// What a row takes beside its texts, about.
constexpr std::int64_t row_bytes = 512;
constexpr std::string_view vacuum = "PRAGMA incremental_vacuum(2000)";

constexpr std::string_view insert_one =
    "INSERT INTO executions (id, owner, language, dialect, sandbox, state, reason, exit_code, created, started, ended, "
    "bytes, extra, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr std::string_view update_one =
    "UPDATE executions SET language = ?, dialect = ?, sandbox = ?, state = ?, reason = ?, exit_code = ?, started = ?, "
    "ended = ?, bytes = ?, extra = ?, record = ? WHERE id = ? AND owner = ?";

template <class E>
std::string_view name(E value)
{
    return boost::describe::enum_to_string(value, "?");
}

std::optional<std::string_view> reason_name(const StoredExecution& execution)
{
    if (!execution.reason) return std::nullopt;
    return name(*execution.reason);
}

std::optional<std::int64_t> exit_code_of(const StoredExecution& execution)
{
    if (!execution.exit_code) return std::nullopt;
    return *execution.exit_code;
}

std::int64_t bytes_of(const StoredExecution& execution)
{
    return static_cast<std::int64_t>(execution.record.size() + execution.extra.size()) + row_bytes;
}

Result<void> check_size(const StoredExecution& execution)
{
    if (execution.record.size() > ExecutionLog::most_record_bytes)
        return Error(Errc::too_large, "the record of an execution is too large to be stored");
    if (execution.extra.size() > ExecutionLog::most_extra_bytes)
        return Error(Errc::too_large, "what a dialect keeps of an execution is too large to be stored");
    return {};
}

/// @param row  of the columns `execution_columns`
StoredExecution execution_of_row(const Statement& row)
{
    StoredExecution execution;
    execution.id = row.text(0);
    execution.owner = row.text(1);
    execution.language = row.text(2);
    execution.dialect = row.text(3);
    execution.sandbox = row.optional_text(4);
    boost::describe::enum_from_string(row.text(5).c_str(), execution.state);
    Reason reason = Reason::lost;
    if (boost::describe::enum_from_string(row.text(6).c_str(), reason)) execution.reason = reason;
    if (const auto code = row.optional_integer(7)) execution.exit_code = static_cast<int>(*code);
    execution.created = row.time(8);
    execution.started = row.optional_time(9);
    execution.ended = row.optional_time(10);
    execution.extra = row.text(11);
    execution.record = row.text(12);
    return execution;
}

Error no_such(std::string_view id)
{
    return Error(Errc::not_found, fmt::format("no such execution: {}", id));
}

}  // namespace

Result<void> ExecutionLog::insert(const StoredExecution& execution)
{
    if (const Result<void> fits = check_size(execution); !fits) return fits.error();
    const Result<std::int64_t> done = database_.execute(
        insert_one, execution.id, execution.owner, execution.language, execution.dialect, execution.sandbox,
        name(execution.state), reason_name(execution), exit_code_of(execution), execution.created, execution.started,
        execution.ended, bytes_of(execution), execution.extra, execution.record);
    if (done) return {};
    if (done.error().code == Errc::conflict)
        return Error(Errc::conflict, fmt::format("execution {} is there already", execution.id));
    return done.error();
}

Result<void> ExecutionLog::update(const StoredExecution& execution)
{
    if (const Result<void> fits = check_size(execution); !fits) return fits.error();
    const Result<std::int64_t> done =
        database_.execute(update_one, execution.language, execution.dialect, execution.sandbox, name(execution.state),
                          reason_name(execution), exit_code_of(execution), execution.started, execution.ended,
                          bytes_of(execution), execution.extra, execution.record, execution.id, execution.owner);
    if (!done) return done.error();
    if (*done == 0) return no_such(execution.id);
    return {};
}

Result<StoredExecution> ExecutionLog::find(std::string_view id, const std::optional<std::string>& owner)
{
    static const std::string sql = fmt::format("SELECT {}, record FROM executions WHERE id = ?", execution_columns);
    Result<Statement> statement = database_.prepare(sql);
    if (!statement) return statement.error();
    const Result<bool> row = statement->bind(id).step();
    if (!row) return row.error();
    if (!*row) return no_such(id);
    StoredExecution found = execution_of_row(*statement);
    if (owner && found.owner != *owner) return no_such(id);
    return found;
}

Result<ExecutionPage> ExecutionLog::list(const ExecutionQuery& query)
{
    if (query.limit == 0 || query.limit > most_listed)
        return Error(Errc::invalid_argument, fmt::format("a page has 1 to {} executions", most_listed));
    const std::optional<ExecutionPosition> after = position_of(query.cursor);
    if (!query.cursor.empty() && !after) return Error(Errc::invalid_argument, "no cursor that a list has given");
    const ExecutionSelection selection(query, after);
    Result<Statement> statement = database_.prepare(selection.list());
    if (!statement) return statement.error();
    selection.bind_list(*statement);
    ExecutionPage page;
    std::size_t bytes = 0;
    for (;;) {
        const Result<bool> row = statement->step();
        if (!row) return row.error();
        if (!*row) return page;
        if (page.executions.size() == query.limit || bytes >= most_page_bytes) {
            page.next = cursor_of(page.executions.back());
            return page;
        }
        page.executions.push_back(execution_of_row(*statement));
        bytes += static_cast<std::size_t>(bytes_of(page.executions.back()));
    }
}

Result<std::uint64_t> ExecutionLog::count(const ExecutionQuery& query)
{
    const ExecutionSelection selection(query, std::nullopt);
    Result<Statement> statement = database_.prepare(selection.count());
    if (!statement) return statement.error();
    selection.bind(*statement);
    const Result<bool> row = statement->step();
    if (!row) return row.error();
    return static_cast<std::uint64_t>(statement->integer(0));
}

Result<void> ExecutionLog::remove(std::string_view id, const std::optional<std::string>& owner)
{
    const Result<std::int64_t> done =
        owner ? database_.execute("DELETE FROM executions WHERE id = ? AND owner = ?", id, *owner)
              : database_.execute("DELETE FROM executions WHERE id = ?", id);
    if (!done) return done.error();
    if (*done == 0) return no_such(id);
    return {};
}

Result<std::size_t> ExecutionLog::prune(const Retention& retention, std::chrono::milliseconds now)
{
    std::int64_t gone = 0;
    if (retention.age.count() > 0) {
        const Result<std::int64_t> old = database_.execute(
            "DELETE FROM executions WHERE created < ? AND state IN ('ended', 'cancelled')", now - retention.age);
        if (!old) return old.error();
        gone += *old;
    }
    if (retention.total_bytes > 0) {
        const Result<std::int64_t> beyond = remove_beyond(retention.total_bytes);
        if (!beyond) return beyond.error();
        gone += *beyond;
    }
    if (const Result<void> shrunk = database_.execute_script(std::string(vacuum)); !shrunk) return shrunk.error();
    return static_cast<std::size_t>(gone);
}

Result<std::int64_t> ExecutionLog::remove_beyond(std::uint64_t total_bytes)
{
    std::optional<ExecutionPosition> last;
    {
        Result<Statement> statement =
            database_.prepare("SELECT created, id, bytes FROM executions ORDER BY created DESC, id DESC");
        if (!statement) return statement.error();
        for (std::uint64_t bytes = 0; !last;) {
            const Result<bool> row = statement->step();
            if (!row) return row.error();
            if (!*row) return 0;
            bytes += static_cast<std::uint64_t>(statement->integer(2));
            if (bytes > total_bytes) last = ExecutionPosition(statement->time(0), statement->text(1));
        }
    }
    return database_.execute("DELETE FROM executions WHERE (created, id) <= (?, ?) AND state IN ('ended', 'cancelled')",
                             last->created, last->id);
}

Result<std::size_t> ExecutionLog::end_lost(std::chrono::milliseconds now)
{
    const Result<std::int64_t> ended = database_.execute(
        "UPDATE executions SET state = 'ended', reason = 'lost', ended = ? WHERE state IN ('queued', 'running')", now);
    if (!ended) return ended.error();
    return static_cast<std::size_t>(*ended);
}

}  // namespace sbx
