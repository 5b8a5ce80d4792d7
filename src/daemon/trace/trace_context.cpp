#include "daemon/trace/trace_context.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace sbx::daemon {
namespace {

constexpr std::size_t trace_digits = 32;
constexpr std::size_t span_digits = 16;
constexpr std::size_t length = 2 + 1 + trace_digits + 1 + span_digits + 1 + 2;

bool is_hex(std::string_view text)
{
    return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_zero(std::string_view text)
{
    return std::ranges::all_of(text, [](char c) { return c == '0'; });
}

std::uint64_t number(std::string_view hex)
{
    std::uint64_t value = 0;
    std::from_chars(hex.data(), hex.data() + hex.size(), value, 16);
    return value;
}

/// Differs from request to request and from daemon to daemon.
std::string span_id_of(std::string_view request_id)
{
    return fmt::format("{:016x}", number(request_id.substr(0, span_digits)) ^ number(request_id.substr(span_digits)));
}

}  // namespace

TraceContext trace_context(std::string_view traceparent, std::string_view request_id)
{
    TraceContext context{std::string(request_id), span_id_of(request_id), "", true};
    if (traceparent.size() < length || traceparent[2] != '-' || traceparent[35] != '-' || traceparent[52] != '-')
        return context;
    const std::string_view version = traceparent.substr(0, 2);
    const std::string_view trace = traceparent.substr(3, trace_digits);
    const std::string_view parent = traceparent.substr(36, span_digits);
    const std::string_view flags = traceparent.substr(53, 2);
    // Later versions may say more, after another dash.
    const bool is_long = traceparent.size() > length && (version == "00" || traceparent[length] != '-');
    if (!is_hex(version) || version == "ff" || is_long || !is_hex(trace) || is_zero(trace) || !is_hex(parent) ||
        is_zero(parent) || !is_hex(flags))
        return context;
    context.trace_id = trace;
    context.parent_id = parent;
    context.is_recorded = (number(flags) & 1U) != 0;
    return context;
}

TraceContext trace_of(const RequestHead& head)
{
    return trace_context(head.fields["traceparent"], head.id);
}

}  // namespace sbx::daemon
