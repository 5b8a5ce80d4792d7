#include "core/store/execution_query.hpp"

#include <fmt/format.h>
#include <boost/describe/enum_to_string.hpp>

#include <charconv>

namespace sbx {
namespace {

constexpr std::size_t time_digits = 16;
constexpr std::size_t longest_cursor = 128;

}  // namespace

std::string cursor_of(const StoredExecution& last)
{
    return fmt::format("{:016x}{}", static_cast<std::uint64_t>(last.created.count()), last.id);
}

std::optional<ExecutionPosition> position_of(std::string_view cursor)
{
    if (cursor.size() <= time_digits || cursor.size() > longest_cursor) return std::nullopt;
    const std::string_view digits = cursor.substr(0, time_digits);
    if (digits.find_first_not_of("0123456789abcdef") != std::string_view::npos) return std::nullopt;
    std::uint64_t created = 0;
    std::from_chars(digits.begin(), digits.end(), created, 16);
    return ExecutionPosition(std::chrono::milliseconds(static_cast<std::int64_t>(created)),
                             std::string(cursor.substr(time_digits)));
}

ExecutionSelection::ExecutionSelection(const ExecutionQuery& query, std::optional<ExecutionPosition> after)
    : query_(query), after_(std::move(after))
{
    const auto add = [this](std::string_view condition) {
        where_ += where_.empty() ? " WHERE " : " AND ";
        where_ += condition;
    };
    if (query_.owner) add("owner = ?");
    if (query_.state) add("state = ?");
    if (query_.language) add("language = ?");
    if (query_.dialect) add("dialect = ?");
    if (query_.sandbox) add("sandbox = ?");
    if (after_) add("(created, id) < (?, ?)");
}

std::string ExecutionSelection::list() const
{
    return fmt::format("SELECT {}, {} FROM executions{} ORDER BY created DESC, id DESC LIMIT -1 OFFSET ?",
                       execution_columns, query_.with_records ? "record" : "''", where_);
}

std::string ExecutionSelection::count() const
{
    return fmt::format("SELECT count(*) FROM executions{}", where_);
}

int ExecutionSelection::bind(Statement& statement) const
{
    int at = 0;
    if (query_.owner) statement.bind_one(++at, std::string_view(*query_.owner));
    if (query_.state) statement.bind_one(++at, std::string_view(boost::describe::enum_to_string(*query_.state, "")));
    if (query_.language) statement.bind_one(++at, std::string_view(*query_.language));
    if (query_.dialect) statement.bind_one(++at, std::string_view(*query_.dialect));
    if (query_.sandbox) statement.bind_one(++at, std::string_view(*query_.sandbox));
    if (!after_) return at;
    statement.bind_one(++at, after_->created);
    statement.bind_one(++at, std::string_view(after_->id));
    return at;
}

void ExecutionSelection::bind_list(Statement& statement) const
{
    const int last = bind(statement);
    statement.bind_one(last + 1, static_cast<std::int64_t>(query_.offset));
}

}  // namespace sbx
