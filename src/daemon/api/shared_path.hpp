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
    keys_decide,     ///< the one whose keys the request has, else the first of them
};

/// A path of several dialects, declared beside the list of them.
struct SharedPath {
    http::verb method = http::verb::get;
    std::string_view pattern;
    Sharing sharing = Sharing::first;
    std::string_view rule;                        ///< for people: in the document, and in docs/shared-paths.md
    std::string_view tag = {};                    ///< where keys decide: of the route whose keys these are
    std::span<const std::string_view> keys = {};  ///< members of the body, and names of the query
};

/// The routes of these dialects on one listener. A path of several of them that `shared` does not name is a bug.
/// @param dialects  the first of them wins
std::vector<Route> merge(std::span<const Dialect* const> dialects, std::span<const SharedPath> shared);

}  // namespace sbx::daemon
