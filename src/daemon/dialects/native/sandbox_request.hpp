#pragma once

#include <boost/describe/class.hpp>

#include <string>

namespace sbx::daemon::native {

/// A request that only names its sandbox.
struct SandboxRequest {
    std::string id;
};
BOOST_DESCRIBE_STRUCT(SandboxRequest, (), (id))

}  // namespace sbx::daemon::native
