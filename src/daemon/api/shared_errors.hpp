#pragma once

#include "daemon/api/fast_api_errors.hpp"

namespace sbx::daemon {

/// Of requests that no route is for, on a listener of several dialects: below `/v1/` the native API's, elsewhere a body
/// that reads in each of them.
class SharedErrors : public FastApiErrors {
   public:
    Response no_path(const RequestHead& head) const override;
    Response no_method(const RequestHead& head, const std::string& allowed) const override;
};

}  // namespace sbx::daemon
