#include "core/store/migrations.hpp"

#include <fmt/format.h>

#include <array>

namespace sbx {
namespace {

/// Times are Unix milliseconds. What is long comes last: a row's other columns are read without it.
constexpr std::string_view executions = R"(
CREATE TABLE executions (
    id TEXT PRIMARY KEY NOT NULL,
    owner TEXT NOT NULL,
    language TEXT NOT NULL,
    dialect TEXT NOT NULL,
    sandbox TEXT,
    state TEXT NOT NULL,
    reason TEXT,
    exit_code INTEGER,
    created INTEGER NOT NULL,
    started INTEGER,
    ended INTEGER,
    bytes INTEGER NOT NULL,
    extra TEXT NOT NULL,
    record TEXT NOT NULL
) STRICT;
CREATE INDEX executions_of_all ON executions (created, id, bytes);
CREATE INDEX executions_of_owner ON executions (owner, created, id);
CREATE INDEX executions_of_state ON executions (owner, state, created, id);
CREATE INDEX executions_of_language ON executions (owner, language, created, id);
CREATE INDEX executions_of_sandbox ON executions (sandbox, created, id) WHERE sandbox IS NOT NULL;
CREATE INDEX executions_under_way ON executions (state) WHERE state IN ('queued', 'running');
)";

constexpr std::string_view keys = R"(
CREATE TABLE keys (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    max_sandboxes INTEGER,
    max_concurrent INTEGER,
    created INTEGER NOT NULL,
    last_used INTEGER,
    revoked INTEGER
) STRICT;
CREATE TABLE facts (
    name TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT;
)";

constexpr std::string_view tombstones = R"(
CREATE TABLE tombstones (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    owner TEXT NOT NULL,
    cause TEXT NOT NULL,
    created INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    labels TEXT NOT NULL
) STRICT;
CREATE INDEX tombstones_of_all ON tombstones (ended, id);
CREATE INDEX tombstones_of_owner ON tombstones (owner, ended, id);
)";

/// `number` is the order in which they came. What has ended has no body any more.
constexpr std::string_view adjustments = R"(
CREATE TABLE adjustments (
    number INTEGER PRIMARY KEY NOT NULL,
    id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    processor TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    last_error TEXT NOT NULL,
    backend_status INTEGER,
    created INTEGER NOT NULL,
    ended INTEGER,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX adjustments_pending ON adjustments (number, id, processor) WHERE ended IS NULL;
CREATE INDEX adjustments_ended ON adjustments (ended, number) WHERE ended IS NOT NULL;
)";

/// Files never change and belong to the session that made them; `file_entries` says in which they are found, and under
/// which name. `used` says how long they are kept.
constexpr std::string_view files = R"(
CREATE TABLE file_sessions (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    tenant TEXT NOT NULL,
    subject TEXT NOT NULL,
    entity_kind TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    entity_version TEXT NOT NULL,
    language TEXT NOT NULL,
    created INTEGER NOT NULL,
    used INTEGER NOT NULL
) STRICT;
CREATE INDEX file_sessions_of_owner ON file_sessions (tenant, subject, created);
CREATE INDEX file_sessions_used ON file_sessions (used);
CREATE TABLE files (
    id TEXT PRIMARY KEY NOT NULL,
    session TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    type TEXT NOT NULL,
    digest TEXT NOT NULL,
    read_only INTEGER NOT NULL,
    created INTEGER NOT NULL,
    used INTEGER NOT NULL
) STRICT;
CREATE INDEX files_of_session ON files (session);
CREATE INDEX files_used ON files (used);
CREATE TABLE file_entries (
    session TEXT NOT NULL,
    file TEXT NOT NULL,
    name TEXT NOT NULL,
    listed INTEGER NOT NULL,
    PRIMARY KEY (session, file)
) STRICT;
CREATE INDEX file_entries_by_name ON file_entries (session, name);
CREATE INDEX file_entries_of_file ON file_entries (file);
)";

constexpr std::array steps{executions, keys, tombstones, adjustments, files};

}  // namespace

std::span<const std::string_view> store_migrations()
{
    return steps;
}

Result<void> migrate(Database& database, std::span<const std::string_view> all)
{
    const auto seen = [&] { return database.number("PRAGMA user_version"); };
    const auto newest = static_cast<std::int64_t>(all.size());
    const Result<std::int64_t> before = seen();
    if (!before) return before.error();
    if (*before == newest) return {};
    return database.transaction([&]() -> Result<void> {
        const Result<std::int64_t> now = seen();  // another process may have been faster
        if (!now) return now.error();
        if (*now > newest || *now < 0)
            return Error(Errc::conflict,
                         fmt::format("the store is of version {}, this sbx knows versions up to {}", *now, newest),
                         "use the newer sbx, or move the store's file away");
        for (const std::string_view step : all.subspan(static_cast<std::size_t>(*now)))
            if (const Result<void> done = database.execute_script(std::string(step)); !done) return done.error();
        return database.execute_script(fmt::format("PRAGMA user_version = {}", newest));
    });
}

}  // namespace sbx
