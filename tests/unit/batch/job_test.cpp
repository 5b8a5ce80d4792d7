#include "core/batch/job.hpp"

#include "catch.hpp"
#include "core/whole_file.hpp"
#include "temp_directory.hpp"

using namespace sbx;
using namespace sbx::batch;

TEST_CASE("a job without an id has that of its line")
{
    const Result<Job> job = parse_job(R"({"language": "python", "code": "pass"})", 7);
    REQUIRE(job);
    CHECK((job->id == "7" && job->id_is_number && job->line == 7));
    CHECK((job->language == "python" && job->code == "pass"));
    CHECK_FALSE(job->expects());
}

TEST_CASE("all that a job may have")
{
    const Result<Job> job = parse_job(R"({"id": "a", "file": "x.py", "args": ["b", 2], "env": {"N": 1},
        "stdin": {"base64": "/w=="}, "files": {"d.txt": "data", "e": {"file": "/etc/e"}}, "image": "i:1",
        "limits": {"timeout": 2, "wall_ms": 500, "memory": "64m", "cpus": 0.5}, "expected_stdout": "",
        "expected_exit_code": 3, "check": {"floats": 0.5}, "language": null})",
                                      1);
    REQUIRE(job);
    CHECK((job->id == "a" && !job->id_is_number && job->file == "x.py" && job->language.empty()));
    CHECK(job->arguments == std::vector<std::string>{"b", "2"});
    CHECK(job->environment == std::vector<std::pair<std::string, std::string>>{{"N", "1"}});
    CHECK(std::get<std::string>(job->input) == "\xff");
    REQUIRE(job->files.size() == 2);
    CHECK(std::get<std::filesystem::path>(job->files[1].second) == "/etc/e");
    CHECK(job->limits ==
          std::vector<std::pair<std::string, std::string>>{
              {"limits.cpus", "0.5"}, {"limits.memory", "64m"}, {"limits.timeout", "2"}, {"limits.timeout", "500ms"}});
    CHECK((job->expects() && job->expected_exit_code == 3 && job->check->tolerance == 0.5));
}

TEST_CASE("what is wrong with a line is said, with the next step")
{
    const auto [line, message, hint] = GENERATE(table<std::string, std::string, std::string>({
        {"", "not JSON", ""},
        {"[]", "one JSON object", "jq"},
        {R"({"code": "1", "id": ""})", "id has", ""},
        {R"({"code": "1", "id": 1.5})", "id is a string", ""},
        {R"({"code": "1", "file": "x"})", "either code or a file", ""},
        {R"({"code": "1", "lanuage": "c"})", "unknown key 'lanuage'", "did you mean language?"},
        {R"({"code": "1", "entry": "x"})", "entry is for", ""},
        {R"({"code": "1", "args": "x"})", "args is a list", ""},
        {R"({"code": "1", "args": [[]]})", "args is a list", ""},
        {R"({"code": "1", "env": {"A=B": "1"}})", "env: A=B", ""},
        {R"({"code": "1", "stdin": {"base64": "?"}})", "stdin is", ""},
        {R"({"code": "1", "stdin": 5})", "stdin is", ""},
        {R"({"code": "1", "limits": {"timout": 1}})", "limits: unknown key 'timout'", "did you mean timeout?"},
        {R"({"code": "1", "limits": {"timeout": true}})", "limits: timeout", ""},
        {R"({"code": "1", "expected_exit_code": 256})", "from 0 to 255", ""},
        {R"({"code": "1", "check": {"floats": "x"}})", "check is no check", ""},
        {R"({"code": "1", "check": {"program": {}}})", "either code or a file", ""},
        {R"({"code": "1", "check": {"program": {"cod": "x"}}})", "unknown key 'cod'", ""},
    }));
    const Result<Job> job = parse_job(line, 1);
    REQUIRE_FALSE(job);
    CHECK(job.error().code == Errc::invalid_argument);
    CHECK_THAT(job.error().message, Catch::Contains(message));
    CHECK_THAT(job.error().hint, Catch::Contains(hint));
}

TEST_CASE("bytes of a line never reach a message")
{
    const Result<Job> job = parse_job("{\"code\": \"\xff\x1b[31m\"}", 1);
    REQUIRE_FALSE(job);
    CHECK(job.error().message.find('\xff') == std::string::npos);
    CHECK_THAT(job.error().message, Catch::Contains("UTF-8"));
}

TEST_CASE("a file's content is read when it is asked for")
{
    const test::TempDirectory temp;
    REQUIRE(write_whole_file(temp.path() / "f", "bytes"));
    CHECK(*read_content(temp.path() / "f") == "bytes");
    CHECK(*read_content(std::string("own")) == "own");
    CHECK(read_content(temp.path() / "g").error().code == Errc::not_found);
    CHECK(read_content(temp.path()).error().code == Errc::invalid_argument);
    CHECK(read_content(std::filesystem::path("/dev/zero")).error().code == Errc::invalid_argument);
}
