#include "catch.hpp"

#include "daemon/executions/language_name.hpp"
#include "daemon/executions/library_name.hpp"

using nlohmann::json;
using sbx::daemon::Decoder;
using sbx::daemon::LanguageName;
using sbx::daemon::LibraryName;

namespace {

template <class T>
std::vector<sbx::daemon::FieldError> errors_of(const json& in)
{
    Decoder decoder;
    T out;
    decoder.read(in, out);
    return decoder.errors();
}

}  // namespace

TEST_CASE("a language goes by each of its names, and by no other")
{
    for (const char* name : {"python", "py", "c++", "js", "javascript", "r"})
        CHECK(errors_of<LanguageName>(name).empty());
    const auto unknown = errors_of<LanguageName>("klingon");
    REQUIRE(unknown.size() == 1);
    CHECK(unknown[0].type == "enum");
    CHECK(unknown[0].msg.starts_with("Input should be 'bash', 'c', "));
    CHECK(unknown[0].msg.find(" or '") == unknown[0].msg.rfind(" or '"));
    CHECK(errors_of<LanguageName>(1).at(0).type == "string_type");
}

TEST_CASE("a library is what some package index may be asked for")
{
    for (const char* name : {"numpy", "pandas[excel]>=2,<3", "@types/node@20", "Try::Tiny", " six "})
        CHECK(errors_of<LibraryName>(name).empty());
    for (const char* name : {"x y", "", "--index-url=x", "https://example.org/x.whl", "../x", "a\nb"}) {
        INFO(name);
        REQUIRE(errors_of<LibraryName>(name).size() == 1);
        CHECK(errors_of<LibraryName>(name)[0].type == "value_error");
    }
    CHECK(errors_of<LibraryName>("x y")[0].msg == "Value error, 'x y' is not the name of a library");
    CHECK(errors_of<LibraryName>(std::string(257, 'x'))[0].type == "string_too_long");
    CHECK(errors_of<LibraryName>(nullptr)[0].type == "string_type");
}
