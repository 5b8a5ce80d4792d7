#include "core/config/dockerfile.hpp"

#include "catch.hpp"

using sbx::check_dockerfile;

TEST_CASE("a Dockerfile is known by its name")
{
    for (const char* path : {"Dockerfile", "/a/b/Dockerfile", "Dockerfile.test", "web.Dockerfile"})
        CHECK(sbx::is_dockerfile(path));
    for (const char* path : {"dockerfile.py", "web.toml", "web", "", "/"}) CHECK_FALSE(sbx::is_dockerfile(path));
}

TEST_CASE("what a sandbox cannot honour is refused with its line")
{
    CHECK(check_dockerfile("FROM debian\nRUN true\nuser node\n", "D").error().message ==
          "D:3: USER has no effect here: programs of a sandbox run as uid 1000");
    CHECK(check_dockerfile("# comment\nFROM debian\n\n  ENTRYPOINT [\"x\"]\n", "D").error().message ==
          "D:4: ENTRYPOINT has no effect here: a sandbox starts its own first process");
    CHECK(check_dockerfile("FROM debian\nRUN a \\\n  && b\nVOLUME /data\nUSER x\n", "D").error().message ==
          "D:4: VOLUME has no effect here: a volume would be writable without a limit");
}

TEST_CASE("only instructions of the last stage count")
{
    for (const char* text :
         {"FROM debian\nUSER x\nVOLUME /a\nFROM debian\nRUN true\n", "FROM debian\nRUN a \\\nUSER x\n",
          "FROM debian\nRUN <<EOF\nUSER x\nEOF\nRUN true\n", "FROM debian\n# USER x\nENV USER=x\nCMD [\"sh\"]\n", ""}) {
        CAPTURE(text);
        CHECK(check_dockerfile(text, "D"));
    }
}
