#pragma once

#include "core/config/directories.hpp"
#include "core/net/http_call.hpp"
#include "core/store/adjustment_log.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <optional>
#include <string>

namespace sbx::daemon {

/// The operator's service whose processors are adjusted.
struct Backend {
    HttpUrl url{.is_secure = false, .host = "backend", .port = 8000, .path = {}, .authorization = {}};
    std::string token;  ///< that it is shown; empty: none
};

/// What BACKEND_URL and BACKEND_TOKEN say. No error shows either.
/// @error invalid_argument  a URL that is none, a token that fits into no header, or both a token and a user
Result<Backend> backend_of(const Environment& environment);

/// The body of a request to adjust a processor.
std::string adjustment_body(const std::string& processor, const std::map<std::string, nlohmann::json>& adjustments,
                            const std::string& reason);
HttpCall adjustment_call(const Backend& backend, const StoredAdjustment& adjustment);

/// What an attempt came to.
struct Verdict {
    AdjustmentState state = AdjustmentState::pending;  ///< pending: it is worth another attempt
    std::optional<unsigned> status;                    ///< absent: no answer came
    std::string reason;                                ///< valid UTF-8; empty: it was delivered
};
Verdict verdict_of(const Result<HttpAnswer>& answer);

}  // namespace sbx::daemon
