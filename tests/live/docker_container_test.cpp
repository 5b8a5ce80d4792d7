#include "docker_fixture.hpp"

#include <fstream>

using namespace std::chrono_literals;
using nlohmann::json;
using sbx::Errc;
using test::DockerFixture;

namespace {

/// What an engine leaves out, or writes as an empty value, is the same to it.
bool is_empty(const json& value)
{
    return value.is_null() || (value.is_structured() && value.empty()) || value == "" || value == 0 || value == false;
}

/// Whether `actual` says all that `expected` says; an engine adds fields of its own.
void compare(const std::string& path, const json& expected, const json& actual)
{
    INFO(path);
    if (is_empty(expected)) {
        CHECK(is_empty(actual));
        return;
    }
    if (expected.is_object()) {
        for (const auto& [key, value] : expected.items())
            compare(path + "/" + key, value, actual.is_object() && actual.contains(key) ? actual[key] : json());
        return;
    }
    CHECK(expected == actual);
}

json inspect(DockerFixture& fixture, const std::string& id)
{
    sbx::docker::Client client(fixture.context.get_executor(), test::local_endpoint(), {});
    sbx::docker::Request request(boost::beast::http::verb::get, "/containers/" + id + "/json");
    const auto reply = fixture.run(client.call(std::move(request), 5s));
    REQUIRE(reply);
    return *reply;
}

}  // namespace

TEST_CASE_METHOD(DockerFixture, "the engine made of a plan exactly the golden container")
{
    fill_agent_volume();
    const auto facts = run(engine->probe());
    REQUIRE(facts);
    auto launched = run(engine->launch(plan(), "hang\n"));
    REQUIRE(launched);
    REQUIRE(run(launched->life->started()));
    const json made = inspect(*this, launched->id);

    std::ifstream in(std::string(SBX_GOLDEN) + (facts->cgroup_v2 ? "/cgroup_v2.json" : "/cgroup_v1.json"));
    json golden = json::parse(in);
    const json host = golden["HostConfig"];
    golden.erase("HostConfig");
    golden.erase("NetworkDisabled");
    golden["Image"] = base_image;
    golden["Labels"] = labels;
    compare("Config", golden, made["Config"]);
    CHECK(made["Config"]["NetworkDisabled"] == true);
    for (const auto& [key, value] : host.items()) {
        if (key == "SecurityOpt" || key == "Mounts") continue;
        compare("HostConfig/" + key, value, made["HostConfig"][key]);
    }
    REQUIRE(made["HostConfig"]["SecurityOpt"].size() == 2);
    CHECK(made["HostConfig"]["SecurityOpt"][0] == host["SecurityOpt"][0]);
    CHECK(made["HostConfig"]["SecurityOpt"][1].get<std::string>().starts_with("seccomp={"));
    REQUIRE(made["Mounts"].size() == 1);
    CHECK(made["Mounts"][0]["Type"] == "volume");
    CHECK(made["Mounts"][0]["Name"] == volume);
    CHECK(made["Mounts"][0]["Destination"] == "/.sbx");
    CHECK(made["Mounts"][0]["RW"] == false);
    for (const char* key : {"Binds", "Devices", "DeviceRequests", "DeviceCgroupRules", "GroupAdd", "VolumesFrom",
                            "Links", "ExtraHosts", "PortBindings", "Sysctls", "CgroupParent", "Privileged"})
        compare(std::string("HostConfig/") + key, json(), made["HostConfig"].value(key, json()));
}

TEST_CASE_METHOD(DockerFixture, "the engine tells what it is")
{
    const auto facts = run(engine->probe());
    REQUIRE(facts);
    CHECK(facts->name == "docker");
    CHECK_FALSE(facts->version.empty());
    CHECK(facts->api_version >= "1.41");
    CHECK((facts->architecture == "amd64" || facts->architecture == "arm64"));
    CHECK(facts->cpus > 0);
    CHECK(facts->memory_bytes > 0);
    CHECK_FALSE(facts->id.empty());
    CHECK_FALSE(facts->runtimes.empty());
    CHECK(facts->endpoint.starts_with("unix://"));
}

TEST_CASE_METHOD(DockerFixture, "a sandbox in halves: created, started, attached, paused, resumed, killed, waited for")
{
    fill_agent_volume();
    sbx::Plan pooled = plan();
    pooled.one_shot = false;
    const auto id = run(engine->create(pooled));
    REQUIRE(id);
    auto sandboxes = run(engine->list(label));
    REQUIRE(sandboxes);
    REQUIRE(sandboxes->size() == 1);
    CHECK(sandboxes->front().id == *id);
    CHECK(sandboxes->front().state == "created");
    CHECK(sandboxes->front().labels == labels);
    CHECK(sandboxes->front().name.starts_with("sbx-"));

    REQUIRE(run(engine->start(*id)));
    auto channel = run(engine->reconnect(*id));
    REQUIRE(channel);
    const std::string words = "echo\nhello";
    REQUIRE(run((*channel)->write(words)));
    CHECK(read_until(**channel, 5) == "hello");

    REQUIRE(run(engine->pause(*id)));
    sandboxes = run(engine->list(label));
    REQUIRE(sandboxes);
    CHECK(sandboxes->front().state == "paused");
    REQUIRE(run(engine->resume(*id)));

    (*channel)->close();
    auto again = run(engine->reconnect(*id));
    REQUIRE(again);
    const std::string more = "more";
    REQUIRE(run((*again)->write(more)));
    CHECK(read_until(**again, 4) == "more");

    REQUIRE(run(engine->kill(*id)));
    const auto ending = run(engine->wait(*id));
    REQUIRE(ending);
    CHECK((!ending->exit_code || *ending->exit_code == 137));
    CHECK(is_clean());
    CHECK(run(engine->remove(*id)));
    CHECK(run(engine->kill(*id)).error().code == Errc::not_found);
    CHECK_FALSE(run(engine->wait(*id))->exit_code);
}

TEST_CASE_METHOD(DockerFixture, "the events of a sandbox tell its life in order")
{
    fill_agent_volume();
    const auto since = std::chrono::system_clock::now() - 1s;
    auto launched = run(engine->launch(plan(), "hang\n"));
    REQUIRE(launched);
    REQUIRE(run(launched->life->started()));
    REQUIRE(run(engine->remove(launched->id)));
    CHECK(is_clean());
    const auto events = run(engine->events(launched->id, since));
    REQUIRE(events);
    std::vector<std::string> actions;
    for (const auto& event : *events) actions.push_back(event.action);
    CHECK(std::find(actions.begin(), actions.end(), "create") < std::find(actions.begin(), actions.end(), "start"));
    CHECK(std::find(actions.begin(), actions.end(), "start") < std::find(actions.begin(), actions.end(), "kill"));
    CHECK(std::find(actions.begin(), actions.end(), "die") != actions.end());
    CHECK(events->front().time >= since);
}

TEST_CASE_METHOD(DockerFixture,
                 "eight fills at once end with one whole volume, and starts meanwhile find it whole or missing")
{
    const std::string agent = test::stand_in_agent();
    std::vector<sbx::VolumeFile> files(1);
    files.front().path = "agent";
    files.front().bytes = agent;
    files.front().mode = 0755;
    fill_agent_volume();
    int finished = 0;
    std::vector<sbx::Error> failures;
    auto note = [&](std::exception_ptr thrown, sbx::Result<void> result) {
        ++finished;
        if (thrown) failures.emplace_back(Errc::internal, "thrown");
        if (!thrown && !result) failures.push_back(result.error());
    };
    for (int i = 0; i < 8; ++i)
        boost::asio::co_spawn(context, engine->fill_volume(volume, labels, files, base_image, true), note);
    for (int i = 0; i < 6; ++i) {
        auto launched = run(engine->launch(plan(), "echo\nx"));
        REQUIRE(launched);
        const auto started = run(launched->life->started());
        if (started)
            CHECK(read_until(*launched->channel, 1) == "x");
        else
            CHECK(sbx::is_agent_missing(started.error()));
    }
    while (finished < 8) context.run_one();
    CHECK(failures == std::vector<sbx::Error>());
    CHECK(run(engine->fill_volume(volume, labels, files, base_image, false)));
    CHECK(is_clean());
}

TEST_CASE_METHOD(DockerFixture, "volumes are found by label, and one in use is not removed")
{
    fill_agent_volume();
    auto listed = run(engine->volumes(label));
    REQUIRE(listed);
    REQUIRE(listed->size() == 1);
    CHECK(listed->front().name == volume);
    const auto found = run(engine->volume(volume));
    REQUIRE(found);
    CHECK(found->labels == labels);
    CHECK_FALSE(found->created.empty());

    const auto id = run(engine->create(plan()));
    REQUIRE(id);
    CHECK(run(engine->remove_volume(volume)).error().code == Errc::conflict);
    REQUIRE(run(engine->remove(*id)));
    CHECK(run(engine->remove_volume(volume)));
    CHECK(run(engine->volume(volume)).error().code == Errc::not_found);
}

TEST_CASE_METHOD(DockerFixture, "an agent of another architecture says so in its last words")
{
    const std::string foreign =
        "\x7f"
        "ELF, but not of this machine";
    std::vector<sbx::VolumeFile> files(1);
    files.front().path = "agent";
    files.front().bytes = foreign;
    files.front().mode = 0755;
    REQUIRE(run(engine->fill_volume(volume, labels, files, base_image, false)));
    auto launched = run(engine->launch(plan(), "echo\n"));
    REQUIRE(launched);
    const auto started = run(launched->life->started());
    std::string words;
    if (started) {
        CHECK(read_until(*launched->channel, 1).empty());
        const auto ending = run(launched->life->ended());
        REQUIRE(ending);
        words = ending->last_words;
    } else {
        words = started.error().message;
    }
    CHECK((words.find("exec format error") != std::string::npos || words.find("architecture") != std::string::npos));
}
