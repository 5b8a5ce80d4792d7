#pragma once

#include <boost/beast/http/fields.hpp>

#include <set>
#include <string>
#include <string_view>

namespace sbx::daemon {

namespace http = boost::beast::http;

/// The fields of a message that are for the next program on its way alone.
/// @source RFC 9110, section 7.6.1; RFC 9112, section 9.3
class HopFields {
   public:
    /// @param fields  whose Connection may name more of them
    explicit HopFields(const http::fields& fields);
    bool contains(std::string_view name) const;

   private:
    std::set<std::string> named_;  ///< lower case
};

}  // namespace sbx::daemon
