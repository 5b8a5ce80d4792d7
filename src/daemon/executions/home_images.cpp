#include "daemon/executions/home_images.hpp"

#include "core/docker/tar.hpp"
#include "core/sandbox/short_hash.hpp"

#include <fmt/format.h>

#include <map>

namespace sbx::daemon {
namespace {

/// The link, and a file by which its end is a directory; what is mounted there hides it.
Result<std::string> home_layer(const std::string& home)
{
    std::vector<docker::TarEntry> entries(2);
    entries[0].path = home.substr(1) + "/.sbx";
    entries[1].path = "work";
    entries[1].link_to = home;
    entries[1].is_symbolic = true;
    return docker::write_tar(entries);
}

}  // namespace

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

/// Only unpacked: nothing of the image runs for it.
asio::awaitable<Result<void>> HomeImages::build(std::string image, std::string home, std::string tag)
{
    Result<std::string> layer = home_layer(home);
    if (!layer) co_return layer.error();
    std::vector<docker::TarEntry> files(2);
    files[0].path = "Dockerfile";
    files[0].bytes = fmt::format("FROM {}\nADD home.tar /\n", image);
    files[1].path = "home.tar";
    files[1].bytes = std::move(*layer);
    Result<std::string> context = docker::write_tar(files);
    if (!context) co_return context.error();
    std::map<std::string, std::string> arguments;
    co_return co_await engine_.build(std::move(*context), std::move(tag), std::move(arguments), ProgressSink());
}

}  // namespace sbx::daemon
