#include "catch.hpp"

#include "daemon/api/byte_range.hpp"

using sbx::daemon::ByteRange;
using sbx::daemon::parse_byte_range;

TEST_CASE("a range of bytes is cut to the file")
{
    const auto [header, offset, length] = GENERATE(table<const char*, unsigned, unsigned>({
        {"bytes=0-0", 0, 1},
        {"bytes=10-19", 10, 10},
        {"bytes=90-", 90, 10},
        {"bytes=90-500", 90, 10},
        {"bytes=-5", 95, 5},
        {"bytes=-500", 0, 100},
        {"bytes=100-", 100, 0},
        {"bytes=-0", 100, 0},
    }));
    CHECK(parse_byte_range(header, 100) == ByteRange{offset, length});
}

TEST_CASE("what is no single range counts as absent")
{
    const char* header = GENERATE("", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "bytes=0-1,5-6",
                                  "lines=0-1", "bytes=1", "bytes=+1-2", "bytes=99999999999999999999-");
    CHECK_FALSE(parse_byte_range(header, 100));
}
