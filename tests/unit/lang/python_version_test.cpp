#include "core/lang/python_version.hpp"

#include "catch.hpp"

using sbx::is_python_allowed;

TEST_CASE("versions of Python are compared as PEP 440 says")
{
    const auto [specifiers, version, allowed] = GENERATE(table<const char*, const char*, bool>({
        {">=3.11", "3.11.2", true},       {">=3.12", "3.11.2", false},    {">=3.8, <4", "3.11.2", true},
        {">=3.8,<3.11", "3.11.2", false}, {"<=3.11", "3.11.2", false},    {">3.11", "3.11.2", true},
        {"==3.11.*", "3.11.2", true},     {"==3.11", "3.11.2", false},    {"==3.11", "3.11.0", true},
        {"!=3.11.*", "3.11.2", false},    {"!=3.11.1", "3.11.2", true},   {"~=3.10", "3.11.2", true},
        {"~=3.10.0", "3.11.2", false},    {"~=3.11.1", "3.11.2", true},   {"===3.11.2", "3.11.2", true},
        {">=3.13.0rc1", "3.13.0", true},  {">=3.13", "3.13.0rc1", false}, {"<3.13.0", "3.13.0rc2", true},
        {">=3.9.dev0", "3.9.0", true},    {"", "3.11.2", true},           {">=3.9,", "3.11.2", true},
        {">3.12rc1", "3.12.0", true},     {">= 3.10", "3.9.18", false},
    }));
    CAPTURE(specifiers, version);
    const auto found = is_python_allowed(specifiers, version);
    REQUIRE(found);
    CHECK(*found == allowed);
}

TEST_CASE("what is no list of versions is refused with its words")
{
    const auto specifiers =
        GENERATE("3.11", "=>3.11", ">=", ">=x", ">=3.11.*", "~=3", ">=3.11 <4", "^3.8", ">=3.11+local");
    CAPTURE(specifiers);
    const auto found = is_python_allowed(specifiers, "3.11.2");
    REQUIRE_FALSE(found);
    CHECK(found.error().message.starts_with("requires-python: '"));
}
