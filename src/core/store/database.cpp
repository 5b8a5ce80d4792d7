#include "core/store/database.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <map>

namespace sbx {
namespace {

constexpr int patience_ms = 5000;
constexpr std::uint64_t fewest_pages = 64;

/// What is set on every connection. Pages that become free are given back by `incremental_vacuum`; that must be said
/// before the first table is made.
constexpr const char* settings = R"(
    PRAGMA auto_vacuum = INCREMENTAL;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA foreign_keys = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;
    PRAGMA journal_size_limit = 16777216;
)";

bool has_no_room(int code, int system_error)
{
    return (code & 0xff) == SQLITE_FULL || code == SQLITE_IOERR_SHMSIZE || system_error == ENOSPC ||
           system_error == EDQUOT;
}

Errc errc_of(int code)
{
    if (code == SQLITE_CONSTRAINT_PRIMARYKEY || code == SQLITE_CONSTRAINT_UNIQUE) return Errc::conflict;
    switch (code & 0xff) {
        case SQLITE_FULL:
        case SQLITE_IOERR:
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_NOMEM:
            return Errc::unavailable;
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH:
            return Errc::permission_denied;
        case SQLITE_TOOBIG:
            return Errc::too_large;
        default:
            return Errc::internal;
    }
}

}  // namespace

struct Database::State {
    sqlite3* connection = nullptr;
    std::map<std::string, sqlite3_stmt*, std::less<>> statements;
    StoreHealth health = StoreHealth::good;
    std::int64_t changes = 0;  ///< that were there for good when last looked

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State()
    {
        for (const auto& [sql, statement] : statements) sqlite3_finalize(statement);
        sqlite3_close(connection);
    }
};

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<Database> Database::open(const std::filesystem::path& path)
{
    Database database(std::make_unique<State>());
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int code = sqlite3_open_v2(path.c_str(), &database.state_->connection, flags, nullptr);
    if (database.state_->connection == nullptr) return Error(Errc::unavailable, "store: out of memory");
    if (code != SQLITE_OK) return database.failed(code);
    sqlite3_busy_timeout(database.state_->connection, patience_ms);
    sqlite3_db_config(database.state_->connection, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    return database;
}

Result<void> Database::configure(std::uint64_t most_bytes)
{
    if (const Result<void> set = execute_script(settings); !set) return set.error();
    if (most_bytes == 0) return {};
    const Result<std::int64_t> page = number("PRAGMA page_size");
    if (!page) return page.error();
    const std::uint64_t pages = std::max(fewest_pages, most_bytes / static_cast<std::uint64_t>(*page));
    return execute_script(fmt::format("PRAGMA max_page_count = {}", pages));
}

Result<Statement> Database::prepare(std::string_view sql)
{
    const auto known = state_->statements.find(sql);
    if (known != state_->statements.end()) return Statement(*this, known->second);
    sqlite3_stmt* prepared = nullptr;
    const int code = sqlite3_prepare_v3(state_->connection, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
    if (code != SQLITE_OK) return failed(code);
    state_->statements.emplace(sql, prepared);
    return Statement(*this, prepared);
}

Result<std::int64_t> Database::run(Statement& statement)
{
    for (;;) {
        const Result<bool> row = statement.step();
        if (!row) return row.error();
        if (!*row) return sqlite3_changes64(state_->connection);
    }
}

Result<void> Database::execute_script(const std::string& sql)
{
    const int code = sqlite3_exec(state_->connection, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return failed(code);
    succeeded();
    return {};
}

Result<std::int64_t> Database::number(std::string_view sql)
{
    Result<Statement> statement = prepare(sql);
    if (!statement) return statement.error();
    const Result<bool> row = statement->step();
    if (!row) return row.error();
    if (!*row) return Error(Errc::internal, "store: no number");
    return statement->integer(0);
}

Result<void> Database::transaction(const std::function<Result<void>()>& work)
{
    /// A failed commit, too, may leave the transaction open.
    struct Rollback {
        explicit Rollback(sqlite3* of) : connection(of) {}
        Rollback(const Rollback&) = delete;
        Rollback& operator=(const Rollback&) = delete;
        ~Rollback()
        {
            if (sqlite3_get_autocommit(connection) == 0)
                sqlite3_exec(connection, "ROLLBACK", nullptr, nullptr, nullptr);
        }
        sqlite3* connection;
    };
    const Result<std::int64_t> begun = execute("BEGIN IMMEDIATE");
    if (!begun) return begun.error();
    const Rollback unless_committed(state_->connection);
    if (const Result<void> done = work(); !done) return done.error();
    const Result<std::int64_t> committed = execute("COMMIT");
    if (!committed) return committed.error();
    return {};
}

StoreHealth Database::health() const
{
    return state_->health;
}

Error Database::failed(int code)
{
    const int system_error = sqlite3_system_errno(state_->connection);
    const int kind = code & 0xff;
    const bool is_disk = kind == SQLITE_FULL || kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN;
    if (kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB)
        state_->health = StoreHealth::damaged;
    else if (is_disk && state_->health != StoreHealth::damaged)
        state_->health = has_no_room(code, system_error) ? StoreHealth::full : StoreHealth::failing;
    Errc errc = errc_of(code);
    if (kind == SQLITE_CANTOPEN) errc = system_error == EACCES ? Errc::permission_denied : Errc::unavailable;
    Error error(errc, fmt::format("store: {}", sqlite3_errmsg(state_->connection)));
    if (is_disk && has_no_room(code, system_error)) error.hint = "df -h";
    return error;
}

void Database::succeeded()
{
    if (sqlite3_get_autocommit(state_->connection) == 0) return;
    const std::int64_t changes = sqlite3_total_changes64(state_->connection);
    if (changes == std::exchange(state_->changes, changes)) return;
    if (state_->health != StoreHealth::damaged) state_->health = StoreHealth::good;
}

}  // namespace sbx
