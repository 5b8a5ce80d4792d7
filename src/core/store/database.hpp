#pragma once

#include "core/store/statement.hpp"
#include "core/store/store_health.hpp"
#include "sbx/result.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;

namespace sbx {

/// One connection to an SQLite file: write-ahead log, synchronous NORMAL (a committed row survives the end of the
/// process, not always that of the machine), foreign keys on, five seconds of patience with other connections.
/// Used by one thread at a time.
/// @error unavailable        no room, a disk that fails, a damaged file (`health` says which); or others hold it too
/// long
/// @error permission_denied  it may not be opened or written
/// @error conflict           a row of that key is there already
/// @error too_large          a value beyond SQLite's bounds
/// @source https://www.sqlite.org/c3ref/intro.html, https://www.sqlite.org/rescode.html
class Database {
   public:
    /// Opens the file, which must exist. Neither reads nor writes it yet.
    static Result<Database> open(const std::filesystem::path& path);

    /// Sets the file up as the class says; to be called before any write.
    /// @param most_bytes  how large the file may become, 0: as large as SQLite allows
    Result<void> configure(std::uint64_t most_bytes);

    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;
    ~Database();

    /// A statement, prepared when it is first asked for. `sql` is a literal.
    Result<Statement> prepare(std::string_view sql);

    /// Runs one statement to its end.
    /// @return how many rows it changed
    template <class... Values>
    Result<std::int64_t> execute(std::string_view sql, const Values&... values)
    {
        Result<Statement> statement = prepare(sql);
        if (!statement) return statement.error();
        return run(statement->bind(values...));
    }
    /// Runs a text of several statements, which is not kept.
    Result<void> execute_script(const std::string& sql);
    /// The one number that a statement asks for.
    Result<std::int64_t> number(std::string_view sql);

    /// Does `work` as a whole, or nothing of it when it fails or throws. They do not nest.
    Result<void> transaction(const std::function<Result<void>()>& work);

    /// How the last writes went.
    StoreHealth health() const;

    /// Changes whenever another connection has written.
    Result<std::int64_t> data_version() { return number("PRAGMA data_version"); }

   private:
    friend class Statement;
    struct State;
    explicit Database(std::unique_ptr<State> state);

    Result<std::int64_t> run(Statement& statement);
    /// Remembers what went wrong, and says it.
    Error failed(int code);
    /// Remembers that rows were changed for good, if any were.
    void succeeded();

    std::unique_ptr<State> state_;
};

}  // namespace sbx
