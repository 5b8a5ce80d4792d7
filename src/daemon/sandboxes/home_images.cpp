#include "daemon/sandboxes/home_images.hpp"

#include "core/docker/tar.hpp"
#include "core/sandbox/short_hash.hpp"

#include <fmt/format.h>

#include <map>

namespace sbx::daemon {

asio::awaitable<Result<ImageInfo>> HomeImages::get(ImageInfo image, std::string home)
{
    const std::string tag = "sbx-home:" + short_hash(image.id + home);
    while (building_.contains(tag)) co_await changed_.wait(std::nullopt);
    Result<ImageInfo> known = co_await engine_.image(tag);
    if (known || known.error().code != Errc::not_found) co_return known;
    building_.insert(tag);
    const Result<void> built = co_await build(std::move(image.id), std::move(home), tag);
    building_.erase(tag);
    changed_.notify_all();
    if (!built) co_return built.error();
    co_return co_await engine_.image(tag);
}

asio::awaitable<Result<void>> HomeImages::build(std::string image, std::string home, std::string tag)
{
    docker::TarEntry file;
    file.path = "Dockerfile";
    file.bytes = fmt::format("FROM {0}\nUSER 0\nRUN rm -rf /work && mkdir -p {1} && ln -s {1} /work\n", image, home);
    const std::vector<docker::TarEntry> files{std::move(file)};
    Result<std::string> context = docker::write_tar(files);
    if (!context) co_return context.error();
    std::map<std::string, std::string> arguments;
    co_return co_await engine_.build(std::move(*context), std::move(tag), std::move(arguments), ProgressSink());
}

}  // namespace sbx::daemon
