#pragma once

#include "sbx/result.hpp"

#include <filesystem>
#include <string_view>

namespace sbx {

/// Whether a path is that of a Dockerfile: `Dockerfile`, `Dockerfile.test`, `test.Dockerfile`.
bool is_dockerfile(const std::filesystem::path& path);

/// Whether sandboxes can be made of what a Dockerfile builds. They have their own first process, their own user and no
/// writable place that has no limit, so an image that relies on others would only seem to work.
/// @param name  the file's, for errors
/// @error invalid_argument  its last stage has USER, ENTRYPOINT or VOLUME; says in which line
Result<void> check_dockerfile(std::string_view text, std::string_view name);

}  // namespace sbx
