#include "core/libraries/library_request.hpp"

#include "core/whole_file.hpp"
#include "temp_directory.hpp"

#include "catch.hpp"

#include <nlohmann/json.hpp>

using namespace sbx;

namespace {

struct Project {
    void write(const std::string& name, const std::string& text) const
    {
        REQUIRE(write_whole_file(directory.path() / name, text));
    }
    Result<std::vector<ProjectFile>> files(std::string_view language) const
    {
        return project_files(**find_package_index(**find_language(language)), directory.path());
    }

    test::TempDirectory directory;
};

}  // namespace

TEST_CASE("of a package.json only its libraries count, none of its scripts")
{
    const Project project;
    project.write("package.json", R"({"name": "own", "scripts": {"postinstall": "touch x"}, "type": "module",
                                      "dependencies": {"lodash": "^4"}, "devDependencies": {"@types/node": "20"}})");
    const auto files = project.files("javascript");
    REQUIRE(files->size() == 1);
    CHECK(nlohmann::json::parse(files->front().bytes) ==
          nlohmann::json::parse(R"({"dependencies": {"lodash": "^4"}, "devDependencies": {"@types/node": "20"},
                                    "private": true})"));
}

TEST_CASE("a lock goes with the file that it locks, and alone it is nothing")
{
    const Project project;
    project.write("package-lock.json", "{}");
    CHECK(project.files("typescript")->empty());
    project.write("package.json", R"({"dependencies": {"lodash": ""}})");
    CHECK(project.files("typescript")->size() == 2);
}

TEST_CASE("a project without libraries wants none")
{
    const Project project;
    CHECK(project.files("javascript")->empty());
    project.write("package.json", R"({"name": "own", "type": "module"})");
    CHECK(project.files("javascript")->empty());
    project.write("Cargo.toml", "[package]\nname = 'own'\n");
    CHECK(project.files("rust")->empty());
}

TEST_CASE("libraries from elsewhere are refused by name")
{
    for (const char* range :
         {"file:../a", "git+https://example.org/a", "github:a/b", "workspace:*", "npm:b@1", "a/b"}) {
        const Project project;
        project.write("package.json", nlohmann::json{{"dependencies", {{"lib", range}}}}.dump());
        CAPTURE(range);
        CHECK(project.files("js").error().message.ends_with(std::string("lib is not from npm, but '") + range + "'"));
    }
    const Project project;
    project.write("Cargo.toml", "[dependencies]\nlib = { path = '../lib' }\n");
    CHECK(project.files("rust").error().message.ends_with("lib is not from the registry, but has 'path'"));
}

TEST_CASE("of a Cargo.toml only its dependencies count")
{
    const Project project;
    project.write("Cargo.toml",
                  "[package]\nname = 'own'\nversion = '1.0.0'\nbuild = 'build.rs'\n\n[dependencies]\n"
                  "rand = '0.8'\nserde = { version = '1', features = ['derive'] }\n");
    const std::string text = project.files("rust")->front().bytes;
    CHECK(text.find("build.rs") == std::string::npos);
    CHECK(text.find("features = [ 'derive' ]") != std::string::npos);
    CHECK(text.find("name = 'libraries'") != std::string::npos);
}

TEST_CASE("of a composer.json only its libraries count, and where its own classes are")
{
    const Project project;
    project.write("composer.json",
                  R"({"name": "own/project", "scripts": {"post-install-cmd": "touch x"}, "minimum-stability": "beta",
                      "require": {"php": "^8.1", "ext-json": "*", "monolog/monolog": "^3"}, "require-dev": [],
                      "autoload": {"psr-4": {"Own\\": "src/", "Two\\": ["a", "b"]}, "files": ["x.php"]}})");
    project.write("composer.lock", "{}");
    const auto files = project.files("php");
    REQUIRE(files->size() == 2);
    CHECK(nlohmann::json::parse(files->front().bytes) ==
          nlohmann::json::parse(R"({"require": {"monolog/monolog": "^3"}, "minimum-stability": "beta", "autoload":
                                    {"psr-4": {"Own\\": ["/work/src/"], "Two\\": ["/work/a", "/work/b"]}}})"));
}

TEST_CASE("a project that wants nothing but PHP itself wants no libraries")
{
    const Project project;
    project.write("composer.json", R"({"require": {"php": ">=8"}, "autoload": [1]})");
    CHECK(project.files("php")->empty());
    project.write("composer.json", R"({"require": {"own/lib": "../lib"}})");
    CHECK(project.files("php").error().message.ends_with("own/lib is not from Packagist, but '../lib'"));
}

TEST_CASE("what cannot be understood is an error")
{
    const Project project;
    project.write("package.json", "{");
    CHECK(project.files("js").error().message.ends_with("package.json is not a JSON object"));
    project.write("Cargo.toml", "[");
    CHECK(project.files("rust").error().code == Errc::invalid_argument);
}
