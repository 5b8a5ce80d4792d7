#include "core/config/directories.hpp"
#include "catch.hpp"
#include "temp_directory.hpp"

#include <map>

namespace fs = std::filesystem;

namespace {

sbx::Environment variables(std::map<std::string, std::string> values)
{
    return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
        const auto found = values.find(std::string(name));
        if (found == values.end() || found->second.empty()) return std::nullopt;
        return found->second;
    };
}

}  // namespace

TEST_CASE("directories follow the XDG variables")
{
    const auto environment = variables({{"HOME", "/home/ada"},
                                        {"XDG_CONFIG_HOME", "/c"},
                                        {"XDG_STATE_HOME", "/s"},
                                        {"XDG_CACHE_HOME", "/k"},
                                        {"XDG_RUNTIME_DIR", "/r"}});
    CHECK(sbx::directories(environment, 1000) ==
          sbx::Directories{.config = "/c/sbx", .state = "/s/sbx", .cache = "/k/sbx", .runtime = "/r/sbx"});
}

TEST_CASE("without the variables they lie below the home")
{
    CHECK(sbx::directories(variables({{"HOME", "/home/ada"}, {"XDG_CONFIG_HOME", "relative"}}), 1000) ==
          sbx::Directories{.config = "/home/ada/.config/sbx",
                           .state = "/home/ada/.local/state/sbx",
                           .cache = "/home/ada/.cache/sbx",
                           .runtime = "/tmp/sbx-1000"});
}

TEST_CASE("without a home only the runtime directory is left")
{
    CHECK(sbx::directories(variables({}), 0) == sbx::Directories{.runtime = "/run/sbx"});
}

TEST_CASE("a private directory is made with mode 0700 and accepted again")
{
    const test::TempDirectory temp;
    const fs::path path = temp.path() / "a" / "sbx";
    CHECK(sbx::make_private_directory(path));
    CHECK((fs::status(path).permissions() & fs::perms::all) == fs::perms::owner_all);
    CHECK(sbx::make_private_directory(path));
}

TEST_CASE("a directory that others can enter is refused")
{
    const test::TempDirectory temp;
    const fs::path path = temp.path() / "sbx";
    fs::create_directory(path);
    fs::permissions(path, fs::perms::all);
    const auto made = sbx::make_private_directory(path);
    REQUIRE_FALSE(made);
    CHECK(made.error().code == sbx::Errc::permission_denied);
}

TEST_CASE("a link in place of a private directory is refused")
{
    const test::TempDirectory temp;
    fs::create_directory(temp.path() / "target");
    fs::permissions(temp.path() / "target", fs::perms::owner_all);
    fs::create_directory_symlink(temp.path() / "target", temp.path() / "sbx");
    CHECK_FALSE(sbx::make_private_directory(temp.path() / "sbx"));
}
