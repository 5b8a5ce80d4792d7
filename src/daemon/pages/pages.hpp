#pragma once

#include "core/inflate.hpp"

#include <span>

namespace sbx::daemon {

/// A file of the daemon's pages.
struct Page {
    const char* path;  ///< where it is served
    const char* type;  ///< its Content-Type
    DeflatedFile content;
};

/// All of them; none where sbx was built without.
std::span<const Page> pages();

}  // namespace sbx::daemon
