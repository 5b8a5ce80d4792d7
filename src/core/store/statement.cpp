#include "core/store/statement.hpp"

#include "core/store/database.hpp"

#include <sqlite3.h>

namespace sbx {

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_), prepared_(std::exchange(other.prepared_, nullptr)), bound_(other.bound_)
{
}

Statement::~Statement()
{
    if (prepared_ == nullptr) return;
    sqlite3_reset(prepared_);
    sqlite3_clear_bindings(prepared_);
}

void Statement::bind_one(int at, std::int64_t value)
{
    if (const int code = sqlite3_bind_int64(prepared_, at, value); code != SQLITE_OK) bound_ = code;
}

void Statement::bind_one(int at, std::string_view value)
{
    // A null pointer would be NULL, where an empty text is meant.
    const char* bytes = value.empty() ? "" : value.data();
    const int code = sqlite3_bind_text64(prepared_, at, bytes, value.size(), SQLITE_STATIC, SQLITE_UTF8);
    if (code != SQLITE_OK) bound_ = code;
}

void Statement::bind_null(int at)
{
    if (const int code = sqlite3_bind_null(prepared_, at); code != SQLITE_OK) bound_ = code;
}

Result<bool> Statement::step()
{
    const int code = bound_ == SQLITE_OK ? sqlite3_step(prepared_) : bound_;
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) return database_->failed(code);
    database_->succeeded();
    return false;
}

std::int64_t Statement::integer(int column) const
{
    return sqlite3_column_int64(prepared_, column);
}

std::string Statement::text(int column) const
{
    const void* bytes = sqlite3_column_blob(prepared_, column);
    const int size = sqlite3_column_bytes(prepared_, column);
    return bytes == nullptr ? std::string()
                            : std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

bool Statement::is_null(int column) const
{
    return sqlite3_column_type(prepared_, column) == SQLITE_NULL;
}

std::optional<std::int64_t> Statement::optional_integer(int column) const
{
    if (is_null(column)) return std::nullopt;
    return integer(column);
}

std::optional<std::string> Statement::optional_text(int column) const
{
    if (is_null(column)) return std::nullopt;
    return text(column);
}

std::optional<std::chrono::milliseconds> Statement::optional_time(int column) const
{
    if (is_null(column)) return std::nullopt;
    return time(column);
}

}  // namespace sbx
