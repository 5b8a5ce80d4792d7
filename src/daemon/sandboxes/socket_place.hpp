#pragma once

#include "daemon/sandboxes/sandboxes.hpp"

#include <memory>
#include <utility>

namespace sbx::daemon {

/// One of the WebSockets that a sandbox's programs may have at a time (SECURITY-TARGETS §6).
class SocketPlace {
   public:
    /// @error resource_exhausted  there are sixteen
    static Result<SocketPlace> take(std::shared_ptr<Living> living)
    {
        constexpr std::size_t most = 16;
        if (living->sockets >= most)
            return Error(Errc::resource_exhausted, "this sandbox has 16 WebSockets already", "close one of them");
        return SocketPlace(std::move(living));
    }
    SocketPlace(SocketPlace&&) noexcept = default;
    SocketPlace& operator=(SocketPlace&&) = delete;
    ~SocketPlace()
    {
        if (living_) --living_->sockets;
    }

   private:
    explicit SocketPlace(std::shared_ptr<Living> living) : living_(std::move(living)) { ++living_->sockets; }

    std::shared_ptr<Living> living_;
};

}  // namespace sbx::daemon
