#pragma once

#include "daemon/trace/trace_context.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace sbx::daemon {

/// A length of time with a name and a place in a trace.
struct Span {
    enum class Kind { internal = 1, server = 2 };  ///< the numbers are OTLP's

    std::string trace_id;
    std::string span_id;
    std::string parent_id;  ///< empty: none
    std::string name;
    Kind kind = Kind::internal;
    std::chrono::system_clock::time_point begin;
    std::chrono::system_clock::time_point end;
    std::vector<std::pair<std::string, nlohmann::json>> attributes;  ///< texts, integers, truth values
    bool has_failed = false;
};

/// The body of an export.
/// @param resource  what the spans are of
/// @source OTLP 1.3, JSON Protobuf Encoding; opentelemetry/proto/collector/trace/v1/trace_service.proto
nlohmann::json otlp_json(std::span<const Span> spans,
                         const std::vector<std::pair<std::string, nlohmann::json>>& resource);

}  // namespace sbx::daemon
