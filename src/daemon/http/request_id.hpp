#pragma once

#include <cstdint>
#include <string>

namespace sbx::daemon {

/// Ids that no other request has: eight random bytes of this process and a number. They are no secret.
class RequestIds {
   public:
    RequestIds();
    /// 32 hexadecimal digits.
    std::string next();

   private:
    std::string prefix_;
    std::uint64_t last_ = 0;
};

}  // namespace sbx::daemon
