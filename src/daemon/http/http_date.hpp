#pragma once

#include <ctime>
#include <string>
#include <string_view>

namespace sbx::daemon {

/// The time as a field tells it, written anew once a second. @source RFC 9110, section 5.6.7
class HttpDate {
   public:
    std::string_view now();

   private:
    std::time_t second_ = -1;
    std::string text_;
};

/// `Sun, 06 Nov 1994 08:49:37 GMT`
std::string http_date(std::time_t second);

}  // namespace sbx::daemon
