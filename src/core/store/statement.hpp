#pragma once

#include "sbx/result.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3_stmt;

namespace sbx {

class Database;

/// A prepared statement, lent by the database that keeps it. It is reset when it goes out of scope; one of the same
/// text must not be asked for before that.
class Statement {
   public:
    Statement(Database& database, sqlite3_stmt* prepared) : database_(&database), prepared_(prepared) {}
    Statement(Statement&& other) noexcept;
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    Statement& operator=(Statement&&) = delete;
    ~Statement();

    /// Binds all parameters, in order. Text must live until the last `step`.
    template <class... Values>
    Statement& bind(const Values&... values)
    {
        int at = 0;
        (bind_one(++at, values), ...);
        return *this;
    }
    /// Binds one, the first being 1.
    void bind_one(int at, std::int64_t value);
    void bind_one(int at, std::string_view value);
    void bind_one(int at, std::chrono::milliseconds value) { bind_one(at, value.count()); }
    template <class T>
    void bind_one(int at, const std::optional<T>& value)
    {
        if (value)
            bind_one(at, *value);
        else
            bind_null(at);
    }

    /// @return whether there is a row
    /// @error as `Database` says
    Result<bool> step();

    // Of the present row; the first column is 0.
    std::int64_t integer(int column) const;
    std::string text(int column) const;  ///< empty where there is none
    std::chrono::milliseconds time(int column) const { return std::chrono::milliseconds(integer(column)); }
    bool is_null(int column) const;
    std::optional<std::int64_t> optional_integer(int column) const;
    std::optional<std::string> optional_text(int column) const;
    std::optional<std::chrono::milliseconds> optional_time(int column) const;

   private:
    void bind_null(int at);

    Database* database_;
    sqlite3_stmt* prepared_;
    int bound_ = 0;  ///< what binding came to
};

}  // namespace sbx
