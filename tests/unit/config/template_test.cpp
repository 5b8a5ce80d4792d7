#include "core/config/template.hpp"

#include "catch.hpp"
#include "core/whole_file.hpp"
#include "temp_directory.hpp"

using namespace sbx;

TEST_CASE("a template says what a sandbox is")
{
    const Result<Template> read = parse_template(R"(
language = "python"
image = "example/numbers:2"
workdir = "app"
network = "full"
start = "python3 -m http.server"
pull = "never"

[limits]
memory = "1g"
cpus = 2
timeout = "none"

[environment]
MODE = "test"
EMPTY = ""

[labels]
project = "demo"
)",
                                                 "t.toml");
    REQUIRE(read);
    Template expected;
    expected.language = "python";
    expected.image = "example/numbers:2";
    expected.directory = "app";
    expected.network = "full";
    expected.start = "python3 -m http.server";
    expected.settings = {{"limits.cpus", "2"}, {"limits.memory", "1g"}, {"limits.timeout", "none"}, {"pull", "never"}};
    expected.variables = {{"EMPTY", ""}, {"MODE", "test"}};
    expected.labels = {{"project", "demo"}};
    CHECK(*read == expected);
}

TEST_CASE("what is wrong in a template is told with its line")
{
    const auto [toml, message, hint] = GENERATE(table<std::string, std::string, std::string>({
        {"\nimages = 1", "t.toml:2: images: no such key of a template", "image"},
        {"[limits]\nmemroy = '1g'", "t.toml:2: limits.memroy: no such key of a template", "limits.memory"},
        {"[limits]\nmemory = 'much'", "t.toml:2: limits.memory", ""},
        {"registry = 'x'", "t.toml:1: registry: no such key of a template", ""},
        {"network = 'some'", "t.toml:1: network: 'some' is not a network", "none, allow or full"},
        {"\nallow = ['a.example', 'b.example:0']", "t.toml:2: allow: '0' is not a port", "65535"},
        {"allow = 'localhost'", "t.toml:1: allow: localhost is the sandbox itself", ""},
        {"allow = [['a']]", "t.toml:1: allow: not a text or a number", ""},
        {"network = 'full'\nallow = 'a.example'", "t.toml: allow does not go with network = 'full'", "leave network"},
        {"image = ''", "t.toml:1: image: it is empty", ""},
        {"start = ['a']", "t.toml:1: start: not a text or a number", ""},
        {"[environment]\n'A=B' = 'c'", "t.toml:2: environment.A=B: no such variable", ""},
        {"language = ", "t.toml:1: ", "edit t.toml"},
    }));
    const Result<Template> read = parse_template(toml, "t.toml");
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Errc::invalid_argument);
    CAPTURE(read.error().message);
    CHECK(read.error().message.starts_with(message));
    CHECK(read.error().hint.find(hint) != std::string::npos);
}

TEST_CASE("what may be reached is a list, or a text with commas")
{
    const auto toml = GENERATE("allow = ['a.example', '*.b.example:443']", "allow = 'a.example,*.b.example:443'",
                               "network = 'allow'\nallow = 'a.example, *.b.example:443'");
    const Result<Template> read = parse_template(toml, "t.toml");
    REQUIRE(read);
    CHECK(read->allow == std::vector<std::string>{"a.example", "*.b.example:443"});
}

TEST_CASE("a template is found by its file or by its name, the user's before the system's before ours")
{
    const test::TempDirectory temp;
    const std::vector<std::filesystem::path> folders{temp.path() / "user", temp.path() / "system"};
    for (const auto& folder : folders) std::filesystem::create_directory(folder);
    REQUIRE(write_whole_file(folders[0] / "both.toml", "image = 'user'"));
    REQUIRE(write_whole_file(folders[1] / "both.toml", "image = 'system'"));
    REQUIRE(write_whole_file(folders[1] / "one.toml", "image = 'one'"));
    REQUIRE(write_whole_file(temp.path() / "file", "image = 'file'"));

    CHECK(read_template("both", folders)->image == "user");
    CHECK(read_template("one", folders)->image == "one");
    CHECK(read_template((temp.path() / "file").string(), folders)->image == "file");
    for (const char* missing : {"none", "none.toml", "./none"}) {
        const Result<Template> read = read_template(missing, folders);
        REQUIRE_FALSE(read);
        CHECK(read.error().code == Errc::invalid_argument);
        CHECK(read.error().message.starts_with("--template: "));
    }
    CHECK(read_template("python-data", folders)->image == "python-data");
    CHECK(read_template("python-data", folders)->language == "python");
    CHECK(read_template("pyton-data", folders).error().hint == "did you mean python-data?");
    REQUIRE(write_whole_file(folders[1] / "python-data.toml", "image = 'mine'"));
    CHECK(read_template("python-data", folders)->image == "mine");
    REQUIRE(write_whole_file(folders[0] / "no template", ""));
    CHECK(template_names(folders) == std::vector<std::string>{"both", "one", "python-data"});
    CHECK(template_names({temp.path() / "missing"}).empty());
    CHECK(template_folders("/home/me/.config/sbx") ==
          std::vector<std::filesystem::path>{"/home/me/.config/sbx/templates", "/etc/sbx/templates"});
}

TEST_CASE("libraries may have commas in them, modules may not")
{
    const Result<Template> read =
        parse_template("libraries = ['pandas>=2,<3', 'numpy']\npreload = 'numpy, pandas.io'", "t");
    REQUIRE(read);
    CHECK(read->libraries == std::vector<std::string>{"pandas>=2,<3", "numpy"});
    CHECK(read->preload == std::vector<std::string>{"numpy", "pandas.io"});
    CHECK(parse_template("preload = 'os;system'", "t").error().message ==
          "t:1: preload: 'os;system' is not the name of a module");
}

TEST_CASE("what is said beats a template")
{
    Template from;
    from.language = "python";
    from.image = "theirs";
    from.network = "full";
    from.libraries = {"numpy"};
    from.settings = {{"limits.memory", "1g"}, {"limits.pids", "7"}};
    from.variables = {{"A", "theirs"}, {"B", "theirs"}};
    from.labels = {{"a", "theirs"}, {"b", "theirs"}};
    from.start = "true";
    CHECK(completed(Template(), from) == from);

    Template said;
    said.image = "mine";
    said.allow = {"a.example"};
    said.libraries = {"six"};
    said.settings = {{"limits.memory", "2g"}};
    said.variables = {{"A", "mine"}};
    said.labels = {{"a", "mine"}};
    const Template whole = completed(said, from);
    CHECK(whole.language == "python");
    CHECK(whole.image == "mine");
    CHECK(whole.network.empty());
    CHECK(whole.allow == said.allow);
    CHECK(whole.libraries == std::vector<std::string>{"numpy", "six"});
    CHECK(whole.settings == std::map<std::string, std::string>{{"limits.memory", "2g"}, {"limits.pids", "7"}});
    CHECK(std::map(whole.variables.begin(), whole.variables.end()) ==
          std::map<std::string, std::string>{{"A", "mine"}, {"B", "theirs"}});
    CHECK(whole.labels == std::map<std::string, std::string>{{"a", "mine"}, {"b", "theirs"}});
    CHECK(whole.start == "true");
}

TEST_CASE("of a network and places a template gives both or none")
{
    Template from;
    from.allow = {"a.example"};
    from.dockerfile = "/x/Dockerfile";
    Template said;
    said.network = "none";
    CHECK(completed(said, from).allow.empty());
    CHECK(completed(said, from).dockerfile == from.dockerfile);
    said.image = "mine";
    CHECK(completed(said, from).dockerfile.empty());
}

TEST_CASE("whoever names a template names no path")
{
    test::TempDirectory temp;
    const std::vector<std::filesystem::path> folders{temp.path() / "t"};
    std::filesystem::create_directories(folders[0]);
    for (const char* name : {"web.toml", "no name.toml", "x.toml.toml", "a.Dockerfile.toml"})
        REQUIRE(write_whole_file(folders[0] / name, "image = 'there'"));
    REQUIRE(write_whole_file(temp.path() / "secret.toml", "image = 'secret'"));
    REQUIRE(write_whole_file(folders[0] / "bad.toml", "imagge = 'there'"));
    CHECK(all_template_names(folders) == std::vector<std::string>{"bad", "librechat", "python-data", "web"});
    CHECK(find_template("web", folders)->image == "there");
    CHECK(find_template("python-data", folders)->image == "python-data");
    CHECK(find_template("bad", folders).error().code == Errc::invalid_argument);
    CHECK(find_template("wev", folders).error().hint == "did you mean web?");
    for (const char* name : {"", ".", "..", "../secret", "web.toml", "./web", "no name", "x.toml", "Dockerfile"})
        CHECK(find_template(name, folders).error().code == Errc::not_found);
    CHECK_FALSE(is_template_name(std::string(65, 'a')));
}
