#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sbx::cli {

/// How many characters UTF-8 text has.
std::size_t count_characters(std::string_view text);

/// What all of them begin with, whole characters only.
std::string common_beginning(const std::vector<std::string>& words);

/// The words in columns, for a screen of that width; a line each where they are too long.
std::string in_columns(const std::vector<std::string>& words, std::size_t width);

}  // namespace sbx::cli
