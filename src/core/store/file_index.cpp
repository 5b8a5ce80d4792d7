#include "core/store/file_index.hpp"

#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>

namespace sbx {
namespace {

Error no_file()
{
    return {Errc::not_found, "no such file"};
}

Error no_session()
{
    return {Errc::not_found, "no such session"};
}

/// Columns as `session_columns` names them.
FileSession session_of_row(const Statement& row)
{
    FileSession session;
    session.id = row.text(0);
    boost::describe::enum_from_string(row.text(1).c_str(), session.kind);
    session.tenant = row.text(2);
    session.subject = row.text(3);
    session.entity_kind = row.text(4);
    session.entity_id = row.text(5);
    session.entity_version = row.text(6);
    session.language = row.text(7);
    session.created = row.time(8);
    session.used = row.time(9);
    return session;
}

IndexedFile file_of_row(const Statement& row)
{
    IndexedFile file;
    file.id = row.text(0);
    file.session = row.text(1);
    file.name = row.text(2);
    file.bytes = static_cast<std::uint64_t>(row.integer(3));
    file.type = row.text(4);
    file.digest = row.text(5);
    file.read_only = row.integer(6) != 0;
    file.created = row.time(7);
    return file;
}

Result<void> done(const Result<std::int64_t>& changed)
{
    if (!changed) return changed.error();
    return {};
}

Result<void> add_entry(Database& database, const std::string& session, const std::string& file, const std::string& name)
{
    const auto hidden =
        database.execute("UPDATE file_entries SET listed = 0 WHERE session = ? AND name = ?", session, name);
    if (!hidden) return hidden.error();
    return done(
        database.execute("INSERT INTO file_entries (session, file, name, listed) VALUES (?1, ?2, ?3, 1) "
                         "ON CONFLICT (session, file) DO UPDATE SET name = ?3, listed = 1",
                         session, file, name));
}

Result<void> add_file(Database& database, const IndexedFile& file, std::chrono::milliseconds now)
{
    const auto added = database.execute(
        "INSERT INTO files (id, session, bytes, type, digest, read_only, created, used) VALUES (?, ?, ?, ?, ?, ?, ?, "
        "?)",
        file.id, file.session, static_cast<std::int64_t>(file.bytes), file.type, file.digest,
        std::int64_t{file.read_only}, file.created, now);
    if (!added) return added.error();
    return add_entry(database, file.session, file.id, file.name);
}

Result<void> put_session(Database& database, const FileSession& session)
{
    return done(database.execute(
        "INSERT INTO file_sessions (id, kind, tenant, subject, entity_kind, entity_id, entity_version, language, "
        "created, used) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) "
        "ON CONFLICT (id) DO UPDATE SET language = ?8, used = ?10",
        session.id, boost::describe::enum_to_string(session.kind, "?"), session.tenant, session.subject,
        session.entity_kind, session.entity_id, session.entity_version, session.language, session.created,
        session.used));
}

}  // namespace

Result<void> FileIndex::apply(const FileSessionChange& change)
{
    return database_.transaction([&]() -> Result<void> {
        const std::string& session = change.session.id;
        if (auto put = put_session(database_, change.session); !put) return put;
        for (const IndexedFile& file : change.added)
            if (auto added = add_file(database_, file, change.session.used); !added) return added;
        for (const auto& [file, name] : change.aliases)
            if (auto added = add_entry(database_, session, file, name); !added) return added;
        for (const std::string& name : change.removed) {
            const auto hidden =
                database_.execute("UPDATE file_entries SET listed = 0 WHERE session = ? AND name = ?", session, name);
            if (!hidden) return hidden.error();
        }
        return {};
    });
}

/// Not more than once a minute: reading must not mean writing.
Result<void> FileIndex::touch(std::string_view file, std::chrono::milliseconds now)
{
    constexpr std::chrono::milliseconds precision = std::chrono::minutes(1);
    return done(
        database_.execute("UPDATE files SET used = ?1 WHERE id = ?2 AND used < ?3", now, file, now - precision));
}

Result<FileSession> FileIndex::find_session(std::string_view session)
{
    Result<Statement> statement = database_.prepare(
        "SELECT id, kind, tenant, subject, entity_kind, entity_id, entity_version, language, created, used "
        "FROM file_sessions WHERE id = ?");
    if (!statement) return statement.error();
    const Result<bool> row = statement->bind(session).step();
    if (!row) return row.error();
    if (!*row) return no_session();
    return session_of_row(*statement);
}

Result<FoundFile> FileIndex::found(std::string_view session, std::string_view file)
{
    FoundFile found;
    {
        Result<Statement> statement = database_.prepare(
            "SELECT files.id, files.session, name, bytes, type, digest, read_only, created FROM file_entries "
            "JOIN files ON files.id = file WHERE file_entries.session = ? AND file = ?");
        if (!statement) return statement.error();
        const Result<bool> row = statement->bind(session, file).step();
        if (!row) return row.error();
        if (!*row) return no_file();
        found.file = file_of_row(*statement);
    }
    Result<FileSession> in = find_session(session);
    if (!in) return in.error();
    found.session = std::move(*in);
    return found;
}

Result<FoundFile> FileIndex::find(std::string_view session, std::string_view file, std::chrono::milliseconds now)
{
    Result<FoundFile> one = found(session, file);
    if (!one) return one;
    if (const auto touched = touch(file, now); !touched) return touched.error();
    return one;
}

Result<std::vector<std::optional<FoundFile>>> FileIndex::find_all(
    const std::vector<std::pair<std::string, std::string>>& wanted, std::chrono::milliseconds now)
{
    std::vector<std::optional<FoundFile>> all;
    for (const auto& [session, file] : wanted) {
        Result<FoundFile> one = find(session, file, now);
        if (!one && one.error().code != Errc::not_found) return one.error();
        all.push_back(one ? std::optional(std::move(*one)) : std::nullopt);
    }
    return all;
}

Result<FoundFile> FileIndex::find_anywhere(std::string_view file, std::chrono::milliseconds now)
{
    std::string session;
    {
        Result<Statement> statement = database_.prepare("SELECT session FROM files WHERE id = ?");
        if (!statement) return statement.error();
        const Result<bool> row = statement->bind(file).step();
        if (!row) return row.error();
        if (!*row) return no_file();
        session = statement->text(0);
    }
    return find(session, file, now);
}

Result<std::vector<IndexedFile>> FileIndex::list(std::string_view session, std::chrono::milliseconds now)
{
    std::vector<IndexedFile> all;
    {
        Result<Statement> statement = database_.prepare(
            "SELECT files.id, files.session, name, bytes, type, digest, read_only, created FROM file_entries "
            "JOIN files ON files.id = file WHERE file_entries.session = ? AND listed = 1 ORDER BY name");
        if (!statement) return statement.error();
        statement->bind(session);
        for (;;) {
            const Result<bool> row = statement->step();
            if (!row) return row.error();
            if (!*row) break;
            all.push_back(file_of_row(*statement));
        }
    }
    for (const IndexedFile& file : all)
        if (const auto touched = touch(file.id, now); !touched) return touched.error();
    return all;
}

Result<std::vector<FileSessionEntry>> FileIndex::list_sessions(std::string_view tenant, std::string_view subject,
                                                               std::chrono::milliseconds since)
{
    Result<Statement> statement = database_.prepare(
        "SELECT id, kind, tenant, subject, entity_kind, entity_id, entity_version, language, created, used, "
        "(SELECT count(*) FROM file_entries WHERE session = id AND listed = 1) FROM file_sessions "
        "WHERE tenant = ? AND subject = ? AND created >= ? AND kind = 'execution' ORDER BY created DESC, id");
    if (!statement) return statement.error();
    statement->bind(tenant, subject, since);
    std::vector<FileSessionEntry> all;
    for (;;) {
        const Result<bool> row = statement->step();
        if (!row) return row.error();
        if (!*row) return all;
        all.push_back({session_of_row(*statement), static_cast<std::size_t>(statement->integer(10))});
    }
}

Result<std::vector<std::string>> FileIndex::texts(Statement& statement)
{
    std::vector<std::string> all;
    for (;;) {
        const Result<bool> row = statement.step();
        if (!row) return row.error();
        if (!*row) return all;
        all.push_back(statement.text(0));
    }
}

Result<void> FileIndex::forget(const std::vector<std::string>& files)
{
    for (const std::string& file : files) {
        const auto entries = database_.execute("DELETE FROM file_entries WHERE file = ?", file);
        if (!entries) return entries.error();
        const auto gone = database_.execute("DELETE FROM files WHERE id = ?", file);
        if (!gone) return gone.error();
    }
    return {};
}

Result<void> FileIndex::remove(std::string_view file)
{
    const Result<FoundFile> known = find_anywhere(file, std::chrono::milliseconds(0));
    if (!known) return known.error();
    return database_.transaction([&] { return forget({std::string(file)}); });
}

Result<std::vector<std::string>> FileIndex::remove_session(std::string_view session)
{
    if (const auto known = find_session(session); !known) return known.error();
    std::vector<std::string> files;
    const Result<void> removed = database_.transaction([&]() -> Result<void> {
        {
            Result<Statement> statement = database_.prepare("SELECT id FROM files WHERE session = ?");
            if (!statement) return statement.error();
            auto its = texts(statement->bind(session));
            if (!its) return its.error();
            files = std::move(*its);
        }
        if (auto gone = forget(files); !gone) return gone;
        const auto entries = database_.execute("DELETE FROM file_entries WHERE session = ?", session);
        if (!entries) return entries.error();
        return done(database_.execute("DELETE FROM file_sessions WHERE id = ?", session));
    });
    if (!removed) return removed.error();
    return files;
}

Result<std::vector<std::string>> FileIndex::prune(std::chrono::milliseconds before)
{
    std::vector<std::string> files;
    const Result<void> pruned = database_.transaction([&]() -> Result<void> {
        {
            Result<Statement> statement = database_.prepare("SELECT id FROM files WHERE used < ?");
            if (!statement) return statement.error();
            auto old = texts(statement->bind(before));
            if (!old) return old.error();
            files = std::move(*old);
        }
        if (auto gone = forget(files); !gone) return gone;
        return done(database_.execute(
            "DELETE FROM file_sessions WHERE used < ? AND id NOT IN (SELECT session FROM file_entries)", before));
    });
    if (!pruned) return pruned.error();
    return files;
}

Result<std::vector<std::string>> FileIndex::all()
{
    Result<Statement> statement = database_.prepare("SELECT id FROM files");
    if (!statement) return statement.error();
    return texts(*statement);
}

}  // namespace sbx
