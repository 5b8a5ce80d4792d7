#include "core/lang/requirement.hpp"
#include "core/lang/package_index.hpp"

#include "catch.hpp"

using namespace sbx;

namespace {

const PackageIndex& index_of(std::string_view language)
{
    return **find_package_index(**find_language(language));
}

}  // namespace

TEST_CASE("a requirement is a name and a version in the form of its index")
{
    struct Row {
        bool (*is_requirement)(std::string_view text);
        std::vector<std::string_view> sound;
    };
    const std::vector<Row> rows{
        {is_python_requirement,
         {"numpy", "pandas<3", "pandas >= 2, < 3", "pandas[excel,html]==2.*", "ruamel.yaml~=0.18", "a===1.0+local",
          "zope.interface (>=5)", "tomli; python_version < '3.11'",
          "six==1.16.0 --hash=sha256:8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254",
          "six==1.16.0 ; python_version >= \"3\" "
          "--hash=sha256:8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254"}},
        {is_npm_requirement, {"lodash", "chalk@5", "@types/node@^20.1", "a@>=1 <2 || 3.x", "react@latest"}},
        {is_go_requirement, {"github.com/google/uuid", "github.com/google/uuid@v1.6.0", "rsc.io/quote/v3@latest"}},
        {is_gem_requirement, {"rack", "rack@3.0.8", "rails@~> 7.1", "ruby-progressbar"}},
        {is_cran_requirement, {"jsonlite", "data.table"}},
        {is_composer_requirement,
         {"monolog/monolog", "monolog/monolog:^3.5", "symfony/http-client:>=6 <8 || 5.4.*", "a/b_c:^1@beta",
          "a/b:dev-main"}},
        {is_cpan_requirement,
         {"Moo", "Try::Tiny", "Try::Tiny@0.31", "Moo~2.0", "Moo~>= 2.0, < 3, != 2.5", "common::sense@v3.75_01"}},
        {is_rock_requirement, {"inspect", "say@1.4.1-3", "penlight@>= 1.13, < 2", "lua-cjson@~> 2.1", "user/name@1.0"}},
        {is_crate_requirement, {"rand", "rand@0.8", "serde[derive,rc]@^1.0", "serde_json@=1.0.1"}},
    };
    for (const Row& row : rows)
        for (const std::string_view text : row.sound) {
            CAPTURE(text);
            CHECK(row.is_requirement(text));
        }
}

TEST_CASE("neither options nor URLs nor paths are requirements")
{
    const std::vector<std::string_view> bad{"",
                                            "-r other.txt",
                                            "--index-url=http://example.org",
                                            "numpy --pre",
                                            "numpy @ https://example.org/numpy.whl",
                                            "https://example.org/numpy.whl",
                                            "git+https://example.org/a",
                                            "./numpy",
                                            "../numpy",
                                            "/etc/passwd",
                                            "a@file:../a",
                                            "a@npm:b@1",
                                            "a@https://example.org/a.tgz",
                                            "a\nb",
                                            "a;",
                                            "a[",
                                            "a]",
                                            "a==",
                                            "numpy==1 --hash=sha256:12",
                                            "a/../b.c",
                                            "$(touch x)",
                                            "`x`",
                                            "größe"};
    for (const auto is_requirement :
         {is_python_requirement, is_npm_requirement, is_go_requirement, is_crate_requirement, is_gem_requirement,
          is_cran_requirement, is_composer_requirement, is_cpan_requirement, is_rock_requirement})
        for (const std::string_view text : bad) {
            CAPTURE(text);
            CHECK_FALSE(is_requirement(text));
        }
}

TEST_CASE("a library of Packagist has its maker's name, one of CPAN no file's")
{
    for (const std::string_view text : {"monolog", "a/b/c", "a/b@1", "a/b ^1", "-a/b", "a/b:../c"}) {
        CAPTURE(text);
        CHECK_FALSE(is_composer_requirement(text));
    }
    for (const std::string_view text : {"A/B", "Foo::", "::Foo", "Foo:Bar", "Foo-1.0.tar.gz", "Foo@1/2", "Foo@1@2"}) {
        CAPTURE(text);
        CHECK_FALSE(is_cpan_requirement(text));
    }
    for (const std::string_view text : {"a/b/c", "a/", "/a", "a 1.0", "a@\"1\"", "a@1\n,b", "a.rockspec/../b"}) {
        CAPTURE(text);
        CHECK_FALSE(is_rock_requirement(text));
    }
}

TEST_CASE("requirements come sorted and each once")
{
    const auto sound = sound_requirements(index_of("py"), {" numpy ", "pandas<3", "numpy", "attrs"}, "--with");
    CHECK(*sound == std::vector<std::string>{"attrs", "numpy", "pandas<3"});
}

TEST_CASE("a wrong requirement is named, with where it stood and how one looks")
{
    const auto refused = sound_requirements(index_of("go"), {"uuid"}, "--with");
    CHECK(refused.error() == Error(Errc::invalid_argument,
                                   "--with: \"uuid\" is not a library of the Go module proxy with its version",
                                   "like github.com/google/uuid@v1.6.0"));
}

TEST_CASE("a requirements file may have comments, blank lines and continued lines")
{
    const auto lines =
        requirement_lines("# all\nnumpy  # fast\r\n\n  pandas<3\nsix==1 \\\n  --hash=sha256:00\nattrs", "r.txt");
    CHECK(*lines == std::vector<std::string>{"numpy", "pandas<3", "six==1 --hash=sha256:00", "attrs"});
}

TEST_CASE("an option in a requirements file is refused with its line")
{
    const auto refused = requirement_lines("numpy\n-r more.txt\n", "r.txt");
    CHECK(refused.error().message == "r.txt:2: \"-r more.txt\" is an option, which is not taken");
}

TEST_CASE("what programs need to find a set has the image's own path behind it")
{
    CHECK(library_variables(index_of("js"), {"LANG=C", "PATH=/usr/bin"}) ==
          EnvironmentList{{"PATH", "/node_modules/.bin:/usr/bin"}});
    CHECK(library_variables(index_of("python"), {}).back().second.starts_with("/opt/sbx/bin:/usr/local/sbin:"));
}

TEST_CASE("a language without an index says so")
{
    CHECK(find_package_index(**find_language("haskell")).error().message == "sbx installs no libraries for haskell");
}
