#pragma once

#include "core/batch/verdict.hpp"
#include "sbx/result.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>

namespace sbx::batch {

/// Reads what an interrupted batch left behind.
/// @param take  called for each whole line
/// @return where the whole lines end: what follows is torn and has to be written again; 0 for no file
/// @error permission_denied  it cannot be read
/// @error conflict           it is something else than results
Result<std::uint64_t> read_earlier_results(const std::filesystem::path& path,
                                           const std::function<void(const Outcome&)>& take);

}  // namespace sbx::batch
