#include "docker_fixture.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <thread>

namespace test {
namespace {

std::string fresh_instance()
{
    static int count = 0;
    return fmt::format("test-{}-{}-{}", ::getpid(), ++count,
                       std::chrono::system_clock::now().time_since_epoch().count());
}

asio::awaitable<std::string> collect(sbx::Channel& channel, std::size_t size)
{
    std::string all;
    std::string part(1 << 16, '\0');
    while (all.size() < size) {
        const auto count = co_await channel.read_some(part);
        if (!count || *count == 0) break;
        all.append(part, 0, *count);
    }
    co_return all;
}

}  // namespace

std::string stand_in_agent()
{
    std::ifstream in(SBX_STAND_IN_AGENT, std::ios::binary);
    return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

sbx::docker::Endpoint local_endpoint()
{
    const auto endpoint = sbx::docker::find_endpoint(sbx::docker::process_inputs());
    REQUIRE(endpoint);
    return *endpoint;
}

DockerFixture::DockerFixture()
{
    const std::string instance = fresh_instance();
    labels.emplace("sbx.instance", instance);
    label = "sbx.instance=" + instance;
    volume = "sbx-" + instance;
    engine = engine_at(local_endpoint());
}

DockerFixture::~DockerFixture()
{
    // A test may have failed anywhere: a new engine knows nothing of its connections.
    const auto cleaner = engine_at(local_endpoint());
    if (const auto left = run(cleaner->list(label)))
        for (const auto& sandbox : *left) static_cast<void>(run(cleaner->remove(sandbox.id)));
    // In use for as long as the engine is still at removing its last container.
    auto removed = run(cleaner->remove_volume(volume));
    for (int tries = 0; tries < 200 && !removed && removed.error().code != sbx::Errc::not_found; ++tries) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        removed = run(cleaner->remove_volume(volume));
    }
    if (!removed && removed.error().code != sbx::Errc::not_found) WARN(removed.error().message);
    for (const std::string& image : images_to_remove) static_cast<void>(run(cleaner->remove_image(image)));
}

std::unique_ptr<sbx::Engine> DockerFixture::engine_at(sbx::docker::Endpoint endpoint,
                                                      std::filesystem::path config_directory)
{
    auto made = sbx::docker::make_engine(context.get_executor(), std::move(endpoint), std::move(config_directory), {});
    REQUIRE(made);
    return std::move(*made);
}

sbx::Plan DockerFixture::plan() const
{
    sbx::Plan plan;
    plan.image = base_image;
    plan.labels = labels;
    sbx::Mount mount;
    mount.volume = volume;
    mount.target = "/.sbx";
    mount.labels = labels;
    plan.mounts.push_back(mount);
    return plan;
}

void DockerFixture::fill_agent_volume()
{
    const std::string agent = stand_in_agent();
    std::vector<sbx::VolumeFile> files(1);
    files.front().path = "agent";
    files.front().bytes = agent;
    files.front().mode = 0755;
    const auto filled = run(engine->fill_volume(volume, labels, files, base_image, false));
    REQUIRE(filled);
}

std::string DockerFixture::read_until(sbx::Channel& channel, std::size_t size)
{
    return run(collect(channel, size));
}

bool DockerFixture::is_clean()
{
    for (int tries = 0; tries < 100; ++tries) {
        const auto left = run(engine->list(label));
        if (left && left->empty()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
}

}  // namespace test
