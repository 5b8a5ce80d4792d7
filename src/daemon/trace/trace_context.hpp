#pragma once

#include "daemon/http/message.hpp"

#include <string>
#include <string_view>

namespace sbx::daemon {

/// Where a request stands in a trace.
/// @source W3C Trace Context (2021-11-23), section 3.2
struct TraceContext {
    std::string trace_id;     ///< 32 hexadecimal digits; empty: none
    std::string span_id;      ///< 16: the request's own
    std::string parent_id;    ///< 16: the client's; empty: the trace begins here
    bool is_recorded = true;  ///< as the client has decided

    bool operator==(const TraceContext&) const = default;
};

/// @param traceparent  as the client sent it; empty or malformed: the trace begins here, and has the request's id
/// @param request_id   32 hexadecimal digits
TraceContext trace_context(std::string_view traceparent, std::string_view request_id);
/// The same of a request.
TraceContext trace_of(const RequestHead& head);

}  // namespace sbx::daemon
