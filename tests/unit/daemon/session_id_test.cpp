#include "catch.hpp"

#include "daemon/sessions/session_id.hpp"

using sbx::daemon::is_session_id;
using sbx::daemon::new_session_id;

TEST_CASE("a session's id is a UUID of version 4, another one each time")
{
    const std::string id = new_session_id();
    CHECK(is_session_id(id));
    CHECK(id != new_session_id());
}

TEST_CASE("nothing else is a session's id")
{
    CHECK(is_session_id("01234567-89ab-4def-8123-456789abcdef"));
    const auto* const text =
        GENERATE("", "x", "01234567-89ab-1def-8123-456789abcdef", "01234567-89ab-4def-7123-456789abcdef",
                 "01234567-89AB-4DEF-8123-456789ABCDEF", "0123456789ab4def8123456789abcdef",
                 "01234567-89ab-4def-8123-456789abcdef0", "01234567-89ab-4def-8123-456789abcdeg");
    CHECK_FALSE(is_session_id(text));
}
