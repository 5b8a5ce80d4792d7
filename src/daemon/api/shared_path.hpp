#pragma once

#include "daemon/api/dialect.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace sbx::daemon {

/// Who answers a path that several dialects of a listener have.
enum class Sharing {
    first,           ///< the first of them
    members_of_all,  ///< all, in one object
};

/// A path of several dialects, declared beside the list of them.
struct SharedPath {
    http::verb method = http::verb::get;
    std::string_view pattern;
    Sharing sharing = Sharing::first;
    std::string_view rule;  ///< for people: in the document, and in docs/shared-paths.md
};

/// The routes of these dialects on one listener. A path of several of them that `shared` does not name is a bug.
/// @param dialects  the first of them wins
std::vector<Route> merge(std::span<const Dialect* const> dialects, std::span<const SharedPath> shared);

}  // namespace sbx::daemon
