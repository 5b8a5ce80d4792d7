#pragma once

#include <string>

namespace sbx::docker {

/// Target of a request for a directory of a container as a tar.
std::string archive_target(const std::string& container, const std::string& path);

}  // namespace sbx::docker
