#pragma once

#include "sbx/result.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sbx {

// How people write amounts, on the command line and in settings. `name` is what an error blames: `--timeout`,
// `SBX_TIMEOUT`. Nothing is ever zero, negative or not a number: those are invalid_argument.

/// `500ms`, `30s`, `5m`, `1.5h`, `1m30s`; a bare number is seconds. `none` is absent.
Result<std::optional<std::chrono::milliseconds>> parse_duration(std::string_view name, std::string_view text);

/// Bytes: `512k`, `256m`, `2g`, `1.5GiB`, powers of 1024; a bare number is bytes. `none` is absent.
Result<std::optional<std::uint64_t>> parse_size(std::string_view name, std::string_view text);

/// Thousandths of a core: `0.5` is 500.
Result<std::uint32_t> parse_cpus(std::string_view name, std::string_view text);

/// A whole number from 1 to `most`.
Result<std::uint32_t> parse_count(std::string_view name, std::string_view text, std::uint32_t most);

/// The shortest spelling that parses back: `10m`, `1500ms`, `none`.
std::string format_duration(std::optional<std::chrono::milliseconds> duration);
/// `512m`, `1000`, `none`.
std::string format_size(std::optional<std::uint64_t> bytes);
/// `1.5`
std::string format_cpus(std::uint32_t millicpus);

/// For sentences, rounded: `512 MiB`, `1.4 GiB`.
std::string human_size(std::uint64_t bytes);

}  // namespace sbx
