#pragma once

#include <climits>
#include <cstdlib>
#include <string>

namespace sbx::agent {

/// The real name of the work directory: in an image /work may be a link to where programs look for it.
inline std::string work_directory()
{
    char real[PATH_MAX];  // NOLINT: as realpath(3) wants it
    return realpath("/work", real) != nullptr ? real : "/work";
}

}  // namespace sbx::agent
