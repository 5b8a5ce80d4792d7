#pragma once

#include "daemon/http/framing.hpp"
#include "daemon/http/http_limits.hpp"
#include "daemon/http/message.hpp"
#include "daemon/http/refusal.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace sbx::daemon {

/// A request's head before its target is taken apart.
struct ScannedHead {
    http::verb method = http::verb::unknown;
    std::string target;  ///< begins with one slash; printable
    http::fields fields;
    Framing framing;
};

/// Reads a request's head as it arrives, byte for byte, and refuses it at the first one that is wrong. Stricter than
/// Beast's parser, which takes several things that others understand differently. No I/O.
/// @source RFC 9112, sections 2 to 6; SECURITY-TARGETS §6
class HeadScan {
   public:
    enum class State { need_more, complete, refused };

    /// @param limits  outlive this
    explicit HeadScan(const HttpLimits& limits) : limits_(limits) {}

    /// @param bytes  everything from the head's first byte on: what was given before and what came since
    State feed(std::string_view bytes);

    State state() const { return state_; }
    std::size_t size() const { return scanned_; }  ///< of the head, when it is complete
    ScannedHead& head() { return head_; }          ///< likewise
    const Refusal& refusal() const { return refusal_; }

   private:
    State refuse(unsigned status, std::string message);
    /// @return whether the scan goes on
    bool take_byte(std::string_view bytes);
    bool take_line(std::string_view line);
    bool take_request_line(std::string_view line);
    bool take_target(std::string_view target);
    bool take_field(std::string_view line);
    bool end();

    const HttpLimits& limits_;
    State state_ = State::need_more;
    std::size_t scanned_ = 0;
    std::size_t line_start_ = 0;
    std::size_t fields_ = 0;
    bool in_fields_ = false;
    ScannedHead head_;
    Refusal refusal_;
};

}  // namespace sbx::daemon
