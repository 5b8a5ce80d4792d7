#include "catch.hpp"

#include "daemon/adjustments/backend.hpp"

using sbx::AdjustmentState;
using sbx::Errc;
using sbx::Error;
using sbx::HttpAnswer;
using sbx::StoredAdjustment;
using namespace sbx::daemon;

namespace {

sbx::Environment environment(std::map<std::string, std::string, std::less<>> variables)
{
    return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
        const auto at = variables.find(name);
        return at == variables.end() ? std::nullopt : std::optional(at->second);
    };
}

HttpAnswer answer(unsigned status, std::string body = "")
{
    HttpAnswer made;
    made.status = status;
    made.body = std::move(body);
    return made;
}

StoredAdjustment adjustment_of(std::string processor)
{
    StoredAdjustment adjustment;
    adjustment.id = "7";
    adjustment.processor = std::move(processor);
    adjustment.body = adjustment_body(adjustment.processor, {{"b", 1}, {"a", {{"x", nullptr}}}}, "why");
    return adjustment;
}

}  // namespace

TEST_CASE("variables name the backend, and what it is shown")
{
    CHECK(backend_of(environment({}))->url.place() == "backend:8000");
    const auto named =
        backend_of(environment({{"BACKEND_URL", "https://api.example.org/v2/"}, {"BACKEND_TOKEN", "s3cret"}}));
    REQUIRE(named);
    CHECK(named->url.place() == "api.example.org:443");
    CHECK(named->token == "s3cret");
}

TEST_CASE("what names no backend is refused without showing it")
{
    const auto variables = GENERATE(table<std::string, std::string>({
        {"http://user:s3cret@", ""},
        {"s3cret", ""},
        {"http://backend", "s3cret\r\nX: y"},
        {"http://backend", "s3cret two"},
        {"http://user:s3cret@backend", "s3cret"},
    }));
    const auto backend =
        backend_of(environment({{"BACKEND_URL", std::get<0>(variables)}, {"BACKEND_TOKEN", std::get<1>(variables)}}));
    REQUIRE_FALSE(backend);
    CHECK(backend.error().code == Errc::invalid_argument);
    CHECK(backend.error().message.starts_with("BACKEND_"));
    CHECK((backend.error().message + backend.error().hint).find("s3cret") == std::string::npos);
}

TEST_CASE("an adjustment is one request below the backend's URL")
{
    Backend backend;
    backend.url = *sbx::parse_http_url("URL", "http://backend:8000/base/");
    backend.token = "s3cret";
    const auto call = adjustment_call(backend, adjustment_of("p/1 ?ü"));
    CHECK(call.server.path + call.path == "/base/api/v1/processors/p%2F1%20%3F%C3%BC/adjust");
    CHECK(call.headers == std::vector<std::pair<std::string, std::string>>{{"Idempotency-Key", "7"},
                                                                           {"Authorization", "Bearer s3cret"}});
    CHECK(call.body ==
          R"({"processor_id":"p/1 ?ü","adjustments":{"a":{"x":null},"b":1},"reason":"why","source":"sandbox"})");
    CHECK(adjustment_call(Backend(), adjustment_of("p")).headers.size() == 1);
}

TEST_CASE("a backend takes, refuses, or is to be asked again")
{
    const auto [status, state] = GENERATE(table<unsigned, AdjustmentState>({
        {200, AdjustmentState::delivered},
        {204, AdjustmentState::delivered},
        {400, AdjustmentState::refused},
        {404, AdjustmentState::refused},
        {422, AdjustmentState::refused},
        {408, AdjustmentState::pending},
        {429, AdjustmentState::pending},
        {101, AdjustmentState::pending},
        {302, AdjustmentState::pending},
        {500, AdjustmentState::pending},
        {503, AdjustmentState::pending},
        {799, AdjustmentState::pending},
    }));
    const Verdict verdict = verdict_of(answer(status));
    CHECK(verdict.state == state);
    CHECK(verdict.status == status);
    CHECK(verdict.reason.empty() == (state == AdjustmentState::delivered));
}

TEST_CASE("why it failed is said in few words, which are clean text")
{
    CHECK(verdict_of(answer(503, "secret page")).reason == "it answered with status 503");
    CHECK(verdict_of(Error(Errc::unavailable, "Connection refused")).reason == "Connection refused");
    CHECK(verdict_of(answer(404, R"({"detail":"no such processor"})")).reason == R"({"detail":"no such processor"})");
    CHECK(verdict_of(answer(404)).reason == "it answered with status 404");
    const std::string cut = verdict_of(answer(400, std::string(1023, 'x') + "ü" + std::string(5000, 'x'))).reason;
    CHECK(cut == std::string(1023, 'x'));
    CHECK(verdict_of(answer(400,
                            "a\xff"
                            "b"))
              .reason ==
          "a\xef\xbf\xbd"
          "b");
}
