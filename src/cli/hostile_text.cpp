#include "cli/hostile_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sbx::cli {

std::string shown(const std::string& hostile)
{
    const bool clean = std::ranges::none_of(hostile, [](unsigned char c) { return c < ' ' || c == 0x7f; });
    return clean ? hostile : fmt::format("{:?}", hostile);
}

}  // namespace sbx::cli
