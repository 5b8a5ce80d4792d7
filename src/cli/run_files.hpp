#pragma once

#include "sbx/result.hpp"
#include "sbx/run.hpp"

#include <filesystem>
#include <string>

namespace sbx::cli {

/// A place inside the sandbox, absolute and without dots; what is relative is below /work.
std::string place_inside(const std::string& text);

/// `--file SRC[:DST]`. Without DST a relative SRC keeps its path below /work, any other its base name; a DST that ends
/// in a slash, or is /work or /tmp, is the directory to put it in. A colon in the name of an existing file is not a
/// separator.
/// @error not_found         no such file
/// @error invalid_argument  DST leads out of /work and /tmp
Result<InputFile> parse_input_file(const std::string& text, bool whole_directory);

/// A file or directory of this host on its way to a place inside.
/// @error not_found, invalid_argument  as above
Result<InputFile> input_file(const std::string& source, const std::string& target, bool whole_directory);

/// `--output GLOB[:DIR]`; DIR is the current directory when it is not given.
/// @error invalid_argument  the pattern leads out of /work, or DIR can't be written to
Result<OutputFiles> parse_output_files(const std::string& text);

/// `--artifacts DIR`, which may have to be made.
/// @error invalid_argument  files can't be made there
Result<std::filesystem::path> parse_artifacts_directory(const std::string& text);

/// `--workdir DIR`: relative to /work, or absolute.
/// @error invalid_argument  a place that no program may start in: /proc, /sys, /dev, /.sbx
Result<std::string> parse_work_directory(const std::string& text);

}  // namespace sbx::cli
