#pragma once

#include "core/config/directories.hpp"
#include "core/remote/daemon_client.hpp"
#include "core/sandbox/condition.hpp"
#include "daemon/log/event_log.hpp"
#include "daemon/trace/span.hpp"

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sbx::daemon {

/// Where spans are sent.
struct TraceTarget {
    DaemonAddress collector;
    std::string path = "/v1/traces";
    std::string service = "sbx";
};

/// What the variables of OpenTelemetry say: OTEL_EXPORTER_OTLP_[TRACES_]ENDPOINT, …_HEADERS, …_PROTOCOL,
/// OTEL_SERVICE_NAME, OTEL_TRACES_EXPORTER, OTEL_SDK_DISABLED.
/// @return nothing  no collector is named, or it is not to be used
/// @error invalid_argument  an address that is none, or a protocol that is not spoken
/// @source OpenTelemetry specification 1.38: "OTLP Exporter", "SDK environment variables"
Result<std::optional<TraceTarget>> trace_target(const Environment& environment);

/// Sends spans to a collector, some at a time. A collector that is slow or away costs no request anything: what cannot
/// be kept is dropped and counted. One thread.
class Traces {
   public:
    /// @param instance  tells this daemon from others
    /// @param log       outlives this
    Traces(const asio::any_io_executor& executor, const std::optional<TraceTarget>& target, std::string instance,
           EventLog& log);

    /// Whether spans are wanted.
    bool is_on() const { return client_ != nullptr; }
    void add(Span span);

    /// Sends what comes, until `close`.
    asio::awaitable<void> serve();
    /// Sends what is left, for a moment.
    asio::awaitable<void> close();

   private:
    asio::awaitable<void> send_some();

    std::unique_ptr<DaemonClient> client_;
    std::string path_;
    std::vector<std::pair<std::string, nlohmann::json>> resource_;
    EventLog& log_;
    std::deque<Span> waiting_;
    std::uint64_t dropped_ = 0;
    bool is_away_ = false;  ///< as the last attempt showed
    bool closed_ = false;
    bool serving_ = false;
    Condition changed_;
};

}  // namespace sbx::daemon
