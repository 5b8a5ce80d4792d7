#pragma once

#include <boost/describe/enum.hpp>

namespace sbx {

/// Whether a store takes what is written to it. Its errors are all `unavailable`; this says which kind it was.
enum class StoreHealth {
    good,
    full,     ///< no room on its disk, or in the size it may have: new sessions are refused with HTTP 507
    failing,  ///< its disk cannot be written or read
    damaged,  ///< the file is no longer sound; the next start sets it aside
};
BOOST_DESCRIBE_ENUM(StoreHealth, good, full, failing, damaged)

}  // namespace sbx
