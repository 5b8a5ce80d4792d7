#pragma once

#include "temp_directory.hpp"

#include <sys/types.h>

#include <string>

namespace test {

/// A registry on a loopback port, which an engine trusts without TLS. It ends with the object.
class Registry {
   public:
    /// @param with_password  only "tester" with "secret" may do anything
    explicit Registry(bool with_password);
    ~Registry();
    Registry(const Registry&) = delete;
    Registry& operator=(const Registry&) = delete;

    const std::string& host() const { return host_; }  ///< "localhost:PORT"

   private:
    TempDirectory directory_;
    std::string host_;
    pid_t child_ = -1;
};

}  // namespace test
