#include "catch.hpp"

#include "core/uuid.hpp"

using sbx::is_uuid;
using sbx::new_uuid;

TEST_CASE("a new UUID is of version 4, and another one each time")
{
    const std::string id = new_uuid();
    CHECK(is_uuid(id));
    CHECK(id != new_uuid());
}

TEST_CASE("what has another form is no UUID")
{
    CHECK(is_uuid("01234567-89ab-4def-8123-456789abcdef"));
    const auto* const text =
        GENERATE("", "x", "01234567-89ab-1def-8123-456789abcdef", "01234567-89ab-4def-7123-456789abcdef",
                 "01234567-89AB-4DEF-8123-456789ABCDEF", "0123456789ab4def8123456789abcdef",
                 "01234567-89ab-4def-8123-456789abcdef0", "01234567-89ab-4def-8123-456789abcdeg");
    CHECK_FALSE(is_uuid(text));
}
