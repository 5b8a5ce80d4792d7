#include "cli/table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sbx::cli {

std::string format_table(const std::vector<std::vector<std::string>>& rows)
{
    if (rows.size() < 2) return {};
    std::vector<std::size_t> widths(rows.front().size());
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    std::string text;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) line += fmt::format("{:{}}  ", row[i], widths[i]);
        text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    return text;
}

}  // namespace sbx::cli
