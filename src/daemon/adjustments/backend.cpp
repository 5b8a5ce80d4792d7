#include "daemon/adjustments/backend.hpp"

#include "daemon/api/request_json.hpp"
#include "sbx/utf8.hpp"

#include <fmt/format.h>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include <algorithm>

namespace sbx::daemon {
namespace {

constexpr std::size_t most_shown_bytes = 1024;  // of what a backend says
constexpr unsigned request_timeout = 408;
constexpr unsigned too_many_requests = 429;

/// The beginning of a text that may be anything, as valid UTF-8.
std::string shown(std::string text)
{
    if (text.size() > most_shown_bytes) {
        text.resize(most_shown_bytes);
        text.resize(text.size() - unfinished_character(text));
    }
    const nlohmann::json replaced =
        nlohmann::json::parse(dump(nlohmann::ordered_json(std::move(text))), nullptr, false);
    return replaced.get<std::string>();
}

bool fits_in_header(const std::string& token)
{
    return std::ranges::all_of(token, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

Result<Backend> backend_of(const Environment& environment)
{
    Backend backend;
    if (const auto text = environment("BACKEND_URL")) {
        auto url = parse_http_url("BACKEND_URL", *text);
        if (!url) return url.error();
        backend.url = std::move(*url);
    }
    backend.token = environment("BACKEND_TOKEN").value_or("");
    if (!fits_in_header(backend.token))
        return Error(Errc::invalid_argument, "BACKEND_TOKEN: it has characters that no header may have");
    if (!backend.token.empty() && !backend.url.authorization.empty())
        return Error(Errc::invalid_argument,
                     "BACKEND_TOKEN is set, and BACKEND_URL names a user: the backend is shown one",
                     "leave one of them out");
    return backend;
}

std::string adjustment_body(const std::string& processor, const std::map<std::string, nlohmann::json>& adjustments,
                            const std::string& reason)
{
    nlohmann::ordered_json body;
    body["processor_id"] = processor;
    body["adjustments"] = adjustments;
    body["reason"] = reason;
    body["source"] = "sandbox";
    return dump(body);
}

HttpCall adjustment_call(const Backend& backend, const StoredAdjustment& adjustment)
{
    HttpCall call;
    call.server = backend.url;
    call.path = fmt::format("/api/v1/processors/{}/adjust",
                            boost::urls::encode(adjustment.processor, boost::urls::unreserved_chars));
    call.headers.emplace_back("Idempotency-Key", adjustment.id);
    if (!backend.token.empty()) call.headers.emplace_back("Authorization", "Bearer " + backend.token);
    call.body = adjustment.body;
    return call;
}

Verdict verdict_of(const Result<HttpAnswer>& answer)
{
    Verdict verdict;
    if (!answer) {
        verdict.reason = shown(answer.error().message);
        return verdict;
    }
    verdict.status = answer->status;
    verdict.reason = fmt::format("it answered with status {}", answer->status);
    const unsigned kind = answer->status / 100;
    if (kind == 2) {
        verdict.state = AdjustmentState::delivered;
        verdict.reason.clear();
    } else if (kind == 4 && answer->status != request_timeout && answer->status != too_many_requests) {
        verdict.state = AdjustmentState::refused;
        if (!answer->body.empty()) verdict.reason = shown(answer->body);
    }
    return verdict;
}

}  // namespace sbx::daemon
