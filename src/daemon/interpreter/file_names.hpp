#pragma once

#include <string>
#include <string_view>

namespace sbx::daemon {

/// Whether a file may have this name: relative, at most 256 bytes and 10 levels, UTF-8 without control characters, and
/// no part of it empty, `.` or `..`.
bool is_file_name(std::string_view name);

/// Whether a file of a run belongs to its results: neither hidden nor below a hidden directory, `__pycache__` or
/// `node_modules`.
bool is_result_name(std::string_view name);

/// What browsers are told of a file by its name: "text/csv"; what is unknown is application/octet-stream.
std::string media_type_of(std::string_view name);

/// ".csv" of "dir/data.csv"; empty where there is none.
std::string_view extension_of(std::string_view name);

}  // namespace sbx::daemon
