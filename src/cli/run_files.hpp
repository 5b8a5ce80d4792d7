#pragma once

#include "sbx/result.hpp"
#include "sbx/run.hpp"

#include <string>

namespace sbx::cli {

/// `--file SRC[:DST]`. Without DST a relative SRC keeps its path below /work, any other its base name; a DST that ends
/// in a slash, or is /work or /tmp, is the directory to put it in. A colon in the name of an existing file is not a
/// separator.
/// @error not_found         no such file
/// @error invalid_argument  DST leads out of /work and /tmp
Result<InputFile> parse_input_file(const std::string& text, bool whole_directory);

/// `--output GLOB[:DIR]`; DIR is the current directory when it is not given.
/// @error invalid_argument  the pattern leads out of /work
Result<OutputFiles> parse_output_files(const std::string& text);

/// `--workdir DIR`: relative to /work, or absolute.
/// @error invalid_argument  a place that no program may start in: /proc, /sys, /dev, /.sbx
Result<std::string> parse_work_directory(const std::string& text);

}  // namespace sbx::cli
