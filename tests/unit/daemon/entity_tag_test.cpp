#include "catch.hpp"

#include "daemon/api/entity_tag.hpp"

namespace {

using namespace sbx::daemon;

const std::optional<std::string> present = R"("a")";
const std::optional<std::string> weak = R"(W/"a")";
const std::optional<std::string> absent;

http::fields with(http::field name, const char* value)
{
    http::fields fields;
    fields.insert(name, value);
    return fields;
}

Precondition if_match(const char* value, const std::optional<std::string>& tag)
{
    return check_preconditions(http::verb::put, with(http::field::if_match, value), tag);
}

Precondition if_none_match(http::verb method, const char* value, const std::optional<std::string>& tag)
{
    return check_preconditions(method, with(http::field::if_none_match, value), tag);
}

}  // namespace

TEST_CASE("a tag is quoted, and another one for other bytes")
{
    CHECK(entity_tag_of("a").size() == 34);
    CHECK(entity_tag_of("a") == entity_tag_of("a"));
    CHECK(entity_tag_of("a") != entity_tag_of("b"));
}

TEST_CASE("If-Match wants one of its tags to be there, compared strongly")
{
    CHECK(if_match(R"("a")", present) == Precondition::holds);
    CHECK(if_match(R"("b" , "a")", present) == Precondition::holds);
    CHECK(if_match(R"(,"b",, "a",)", present) == Precondition::holds);
    CHECK(if_match("*", present) == Precondition::holds);
    CHECK(if_match("*", absent) == Precondition::failed);
    CHECK(if_match(R"("b")", present) == Precondition::failed);
    CHECK(if_match(R"("a")", absent) == Precondition::failed);
    CHECK(if_match(R"(W/"a")", present) == Precondition::failed);
    CHECK(if_match(R"(W/"a")", weak) == Precondition::failed);
}

TEST_CASE("If-None-Match wants none of its tags to be there, compared weakly")
{
    CHECK(if_none_match(http::verb::get, R"("a")", present) == Precondition::not_modified);
    CHECK(if_none_match(http::verb::head, R"("x","a")", present) == Precondition::not_modified);
    CHECK(if_none_match(http::verb::get, R"(W/"a")", present) == Precondition::not_modified);
    CHECK(if_none_match(http::verb::get, R"("a")", weak) == Precondition::not_modified);
    CHECK(if_none_match(http::verb::get, R"("b")", present) == Precondition::holds);
    CHECK(if_none_match(http::verb::put, "*", present) == Precondition::failed);
    CHECK(if_none_match(http::verb::put, "*", absent) == Precondition::holds);
    CHECK(if_none_match(http::verb::get, "*", present) == Precondition::not_modified);
}

TEST_CASE("If-Match counts before If-None-Match, and a field that comes again continues its list")
{
    http::fields fields = with(http::field::if_match, R"("b")");
    fields.insert(http::field::if_none_match, R"("a")");
    CHECK(check_preconditions(http::verb::get, fields, present) == Precondition::failed);
    fields.insert(http::field::if_match, R"("a")");
    CHECK(check_preconditions(http::verb::get, fields, present) == Precondition::not_modified);
    CHECK(check_preconditions(http::verb::get, {}, present) == Precondition::holds);
}

TEST_CASE("a list of tags that is none is told")
{
    for (const char* wrong : {"", "a", R"("a)", R"("a" "b")", R"(w/"a")", R"("a b")", R"(*, "a")"})
        CHECK(if_match(wrong, present) == Precondition::malformed);
    CHECK(if_none_match(http::verb::put, "a", absent) == Precondition::malformed);
}

TEST_CASE("a range counts without If-Range, or with the very tag")
{
    CHECK(if_range_holds({}, *present));
    CHECK(if_range_holds(with(http::field::if_range, R"("a")"), *present));
    CHECK_FALSE(if_range_holds(with(http::field::if_range, R"("b")"), *present));
    CHECK_FALSE(if_range_holds(with(http::field::if_range, R"(W/"a")"), *weak));
    CHECK_FALSE(if_range_holds(with(http::field::if_range, "Wed, 21 Oct 2015 07:28:00 GMT"), *present));
}
