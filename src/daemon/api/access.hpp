#pragma once

#include "daemon/api/route.hpp"

namespace sbx::daemon {

/// Says who makes a request (SECURITY-TARGETS §5).
class Access {
   public:
    virtual ~Access() = default;
    /// @error unauthenticated     no key where one is needed, or one that is not ours: the same words for all
    /// @error resource_exhausted  too many of those came from there
    virtual asio::awaitable<Result<Caller>> identify(const RequestHead& head) = 0;
    /// What logs call somebody who was let in, as `Exchange::note` has it.
    virtual std::string label_of(const Caller& caller) const { return caller.key; }
};

}  // namespace sbx::daemon
