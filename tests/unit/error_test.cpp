#include "sbx/error.hpp"
#include "catch.hpp"

using sbx::Errc;

TEST_CASE("every error code has its HTTP status and its exit codes")
{
    const auto [code, http, run, command] = GENERATE(table<Errc, unsigned, int, int>({
        {Errc::invalid_argument, 400, 125, 2},
        {Errc::not_found, 404, 127, 3},
        {Errc::permission_denied, 403, 126, 4},
        {Errc::unavailable, 503, 125, 6},
        {Errc::image_unavailable, 424, 125, 3},
    }));
    CHECK(sbx::http_status(code) == http);
    CHECK(sbx::run_exit_code(code) == run);
    CHECK(sbx::command_exit_code(code) == command);
}

TEST_CASE("the name of a code is its enumerator")
{
    CHECK(sbx::name_of(Errc::deadline_exceeded) == "deadline_exceeded");
}
