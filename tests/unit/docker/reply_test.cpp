#include "core/docker/reply.hpp"

#include "catch.hpp"

using sbx::Errc;
using sbx::Error;

TEST_CASE("a status becomes the code that its message is reported under")
{
    const auto [status, code] = GENERATE(table<unsigned, Errc>({
        {400, Errc::invalid_argument},
        {401, Errc::unauthenticated},
        {403, Errc::permission_denied},
        {404, Errc::not_found},
        {409, Errc::conflict},
        {500, Errc::internal},
        {501, Errc::not_implemented},
        {503, Errc::unavailable},
        {302, Errc::internal},
    }));
    const auto reply = sbx::docker::parse_reply(status, R"({"message":"No such image: x."})");
    REQUIRE_FALSE(reply);
    CHECK(reply.error() == Error(code, "docker: No such image: x", status >= 500 ? "sbx doctor" : ""));
}

TEST_CASE("a reply that is not JSON is an error, an empty one is null")
{
    CHECK(sbx::docker::parse_reply(204, "")->is_null());
    CHECK(sbx::docker::parse_reply(304, "")->is_null());
    CHECK(sbx::docker::parse_reply(200, "{\"a\":1}")->at("a") == 1);
    CHECK(sbx::docker::parse_reply(200, "{\"a\":").error().code == Errc::unavailable);
}

TEST_CASE("an error without JSON keeps the words, but not without end")
{
    CHECK(sbx::docker::error_of(500, "page not found\n").message == "docker: page not found");
    CHECK(sbx::docker::error_of(500, "").message == "docker: status 500 without a message");
    CHECK(sbx::docker::error_of(500, std::string(1U << 20, 'x')).message.size() < 5000);
}

TEST_CASE("an error's words cannot command a terminal")
{
    CHECK(sbx::docker::error_of(500, R"({"message":"\u001b]0;x\u0007 gone\nbad"})").message ==
          "docker:  ]0;x  gone bad");
}

TEST_CASE("a field of the wrong type is an error")
{
    const nlohmann::json json = {{"Id", 7}};
    const auto read =
        sbx::docker::read_json(json, [](const auto& in) { return in.at("Id").template get<std::string>(); });
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Errc::unavailable);
}
