#include "core/libraries/library_request.hpp"

#include "catch.hpp"

using sbx::script_metadata;
using Texts = std::vector<std::string>;

TEST_CASE("a script's metadata names its libraries")
{
    const auto found = script_metadata(
        "#!/usr/bin/env python3\n# /// script\n# requires-python = \">=3.11\"\n# dependencies = [\n#   \"numpy\",\n"
        "#   \"pandas<3\",\n# ]\n# ///\nimport numpy\n");
    CHECK(found->dependencies == Texts{"numpy", "pandas<3"});
    CHECK(found->requires_python == ">=3.11");
}

TEST_CASE("lines may end as on Windows, and the block may be the whole script")
{
    CHECK(script_metadata("# /// script\r\n# dependencies = ['six']\r\n# ///")->dependencies == Texts{"six"});
}

TEST_CASE("what is no block of metadata asks for nothing")
{
    for (const char* code : {"", "print(1)\n", "# /// script\n", "# /// script\n# dependencies = ['six']\n",
                             "# /// other\n# dependencies = ['six']\n# ///\n", "x = '# /// script'\n# ///\n",
                             "# /// script\nprint(1)\n# ///\n", "  # /// script\n# dependencies = ['six']\n# ///\n"}) {
        CAPTURE(code);
        CHECK(*script_metadata(code) == sbx::ScriptMetadata());
    }
}

TEST_CASE("a wrong block is an error, and so are two")
{
    CHECK(script_metadata("# /// script\n# dependencies = six\n# ///\n")
              .error()
              .message.starts_with("the script's metadata, line 1: "));
    CHECK(script_metadata("# /// script\n# dependencies = 'six'\n# ///\n").error().message ==
          "the script's metadata: dependencies is not a list of texts");
    CHECK(script_metadata("# /// script\n# requires-python = 3.11\n# ///\n").error().message ==
          "the script's metadata: requires-python is not a text");
    CHECK(script_metadata("# /// script\n# dependencies = []\n# ///\n\n# /// script\n# dependencies = []\n# ///\n")
              .error()
              .message == "the script has two blocks of metadata");
}
