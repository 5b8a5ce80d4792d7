#include "core/config/configuration.hpp"
#include "catch.hpp"
#include "core/whole_file.hpp"
#include "sbx/quantity.hpp"
#include "temp_directory.hpp"

using sbx::Errc;

namespace {

struct Fixture {
    test::TempDirectory temp;
    std::map<std::string, std::string> variables;
    sbx::SettingSources sources;

    std::filesystem::path write(const std::string& name, std::string_view text) const
    {
        const auto path = temp.path() / name;
        REQUIRE(sbx::write_whole_file(path, text));
        return path;
    }

    sbx::Result<sbx::Configuration> load()
    {
        sources.environment = [this](std::string_view name) -> std::optional<std::string> {
            const auto found = variables.find(std::string(name));
            if (found == variables.end()) return std::nullopt;
            return found->second;
        };
        return sbx::load_configuration(sources);
    }
};

}  // namespace

TEST_CASE("nobody set anything: every setting is the default")
{
    Fixture fixture;
    const auto configuration = fixture.load();
    REQUIRE(configuration);
    CHECK(configuration->settings == sbx::Settings());
    CHECK(configuration->origin("limits.memory") == "default");
}

TEST_CASE("the strongest source of a setting wins and is named")
{
    Fixture fixture;
    const auto value = [&] { return *sbx::show(fixture.load()->settings, "limits.pids"); };
    const auto origin = [&] { return fixture.load()->origin("limits.pids"); };

    fixture.sources.system_file = fixture.write("system.toml", "[limits]\npids = 1\n");
    CHECK(value() == "1");
    CHECK(origin() == fixture.sources.system_file);
    fixture.sources.user_file = fixture.write("user.toml", "[limits]\npids = 2\n");
    CHECK(value() == "2");
    fixture.sources.named_file = fixture.write("named.toml", "[limits]\npids = 3\n");
    CHECK(value() == "3");
    CHECK(origin() == fixture.sources.named_file);
    fixture.variables["SBX_PIDS"] = "4";
    CHECK(value() == "4");
    CHECK(origin() == "SBX_PIDS");
    fixture.sources.flags["limits.pids"] = "5";
    CHECK(value() == "5");
    CHECK(origin() == "--pids");
}

TEST_CASE("a wrong value is blamed on where it was written")
{
    Fixture fixture;
    SECTION("a flag")
    {
        fixture.sources.flags["limits.memory"] = "banana";
        CHECK(fixture.load().error().message == "--memory: 'banana' is not a size above zero");
    }
    SECTION("a variable")
    {
        fixture.variables["SBX_TIMEOUT"] = "0";
        CHECK(fixture.load().error().message == "SBX_TIMEOUT: '0' is not a duration above zero");
    }
    SECTION("a file")
    {
        fixture.sources.user_file = fixture.write("user.toml", "\n[limits]\npids = -1\n");
        CHECK(fixture.load().error().message ==
              fixture.sources.user_file.string() + ":3: limits.pids: '-1' is not a whole number from 1 to 4194304");
    }
}

TEST_CASE("only what can be without a limit takes none")
{
    Fixture fixture;
    fixture.sources.flags["limits.timeout"] = "none";
    CHECK(fixture.load()->settings.limits.wall_ms == std::nullopt);
    fixture.sources.flags["limits.memory"] = "none";
    CHECK(fixture.load().error().message == "--memory: none is not possible here");
}

TEST_CASE("an unknown key gets the nearest one")
{
    Fixture fixture;
    fixture.sources.user_file = fixture.write("user.toml", "[limits]\nmemroy = '1g'\n");
    const auto configuration = fixture.load();
    REQUIRE_FALSE(configuration);
    CHECK(configuration.error().message == fixture.sources.user_file.string() + ":2: no such setting: limits.memroy");
    CHECK(configuration.error().hint == "did you mean limits.memory?");
}

TEST_CASE("a file named with --config must exist")
{
    Fixture fixture;
    fixture.sources.named_file = fixture.temp.path() / "none.toml";
    CHECK(fixture.load().error().code == Errc::invalid_argument);
}

TEST_CASE("the work directory follows a smaller memory unless its size was set")
{
    Fixture fixture;
    fixture.sources.flags["limits.memory"] = "128m";
    CHECK(fixture.load()->settings.limits.disk_bytes == 64ULL << 20);
    CHECK(sbx::check(fixture.load()->settings.limits));
    fixture.sources.flags["limits.disk"] = "100m";
    const auto checked = sbx::check(fixture.load()->settings.limits);
    REQUIRE_FALSE(checked);
    CHECK(checked.error() ==
          sbx::Error(Errc::invalid_argument,
                     "--disk 100m is more than half of --memory 128m: files count against the memory",
                     "--memory 200m"));
}

TEST_CASE("an image is set for a language under any of its names")
{
    Fixture fixture;
    fixture.sources.user_file = fixture.write("user.toml", "[images]\npy = 'mine:1'\n");
    CHECK(fixture.load()->settings.images == std::map<std::string, std::string>{{"python", "mine:1"}});
    fixture.sources.user_file = fixture.write("user.toml", "[images]\nmalbolge = 'x'\n");
    CHECK(fixture.load().error().code == Errc::invalid_argument);
}

TEST_CASE("a context of the environment beats a host of a file")
{
    Fixture fixture;
    fixture.sources.user_file = fixture.write("user.toml", "[docker]\nhost = 'unix:///x.sock'\n");
    CHECK(fixture.load()->settings.docker_host == "unix:///x.sock");
    fixture.variables["DOCKER_CONTEXT"] = "remote";
    CHECK(fixture.load()->settings.docker_host.empty());
    fixture.variables["DOCKER_HOST"] = "tcp://h";
    CHECK(fixture.load()->settings.docker_host == "tcp://h");
}

TEST_CASE("every setting shows what was set")
{
    sbx::Settings settings;
    for (const sbx::Setting& setting : sbx::setting_table()) {
        CAPTURE(setting.key);
        const std::string shown = setting.show(settings);
        CHECK(setting.set(settings, setting.flag, shown));
        CHECK(setting.show(settings) == shown);
    }
    CHECK(settings == sbx::Settings());
}

TEST_CASE("ranges of addresses are a list in a file and a text in the environment")
{
    Fixture fixture;
    fixture.sources.user_file = fixture.write("user.toml", "[egress]\npermit = ['192.0.2.0/24', '2001:db8::/32']\n");
    CHECK(fixture.load()->settings.egress_permit == std::vector<std::string>{"192.0.2.0/24", "2001:db8::/32"});
    fixture.variables["SBX_EGRESS_PERMIT"] = "10.0.0.0/8,127.0.0.1";
    CHECK(*sbx::show(fixture.load()->settings, "egress.permit") == "10.0.0.0/8, 127.0.0.1");
    fixture.variables["SBX_EGRESS_PERMIT"] = "everything";
    CHECK(fixture.load().error().message == "SBX_EGRESS_PERMIT: 'everything' is not a range of addresses");
}
