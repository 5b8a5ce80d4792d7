#include "cli/variable_number.hpp"

#include "sbx/quantity.hpp"

#include <fmt/format.h>

namespace sbx::cli {

Result<std::uint32_t> variable_number(const Context& context, const char* name, std::uint32_t most, std::uint32_t usual)
{
    const std::optional<std::string> text = context.environment(name);
    if (!text || text->empty()) return usual;
    const Result<std::uint32_t> count = parse_count(name, *text, most);
    if (!count) return count.error();
    if (*count == 0) return Error(Errc::invalid_argument, fmt::format("{}: it is 1 at least", name));
    return *count;
}

}  // namespace sbx::cli
