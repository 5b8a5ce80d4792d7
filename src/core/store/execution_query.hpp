#pragma once

#include "core/store/execution_log.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sbx {

/// Columns of an execution; its `record`, or an empty text, follows them.
inline constexpr std::string_view execution_columns =
    "id, owner, language, dialect, sandbox, state, reason, exit_code, created, started, ended, extra";

/// A place in the list of executions, which is sorted by these two.
struct ExecutionPosition {
    ExecutionPosition(std::chrono::milliseconds created_, std::string id_) : created(created_), id(std::move(id_)) {}

    std::chrono::milliseconds created;
    std::string id;

    bool operator==(const ExecutionPosition&) const = default;
};

/// A cursor is 16 hexadecimal digits of `created`, and the id.
std::string cursor_of(const StoredExecution& last);
/// @return nothing for what is no cursor
std::optional<ExecutionPosition> position_of(std::string_view cursor);

/// The SQL of a query. Statements are made of fixed parts, so there are few different ones.
class ExecutionSelection {
   public:
    /// @param query  outlives this
    /// @param after  the last one of the page before
    ExecutionSelection(const ExecutionQuery& query, std::optional<ExecutionPosition> after);

    std::string list() const;
    std::string count() const;
    // Bind the values of either.
    void bind_list(Statement& statement) const;
    int bind(Statement& statement) const;  ///< @return the last one's number

   private:
    const ExecutionQuery& query_;
    std::optional<ExecutionPosition> after_;
    std::string where_;
};

}  // namespace sbx
