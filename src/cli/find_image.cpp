#include "cli/find_image.hpp"

#include "core/docker/tar.hpp"
#include "core/sandbox/short_hash.hpp"
#include "core/whole_file.hpp"
#include "core/with_timeout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sbx::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t most_context_bytes = 64U << 20;

bool is_left_out(const fs::path& path)
{
    constexpr std::array names{".git", "node_modules", ".venv", "__pycache__"};
    return std::ranges::find(names, path.filename().string()) != names.end();
}

/// The folder of a Dockerfile as an archive, the same for the same content.
Result<std::string> build_context(const fs::path& dockerfile)
{
    const fs::path folder = dockerfile.has_parent_path() ? dockerfile.parent_path() : ".";
    std::vector<docker::TarEntry> entries;
    std::uintmax_t left = most_context_bytes;
    std::error_code ec;
    fs::recursive_directory_iterator at(folder, ec);
    for (; !ec && at != fs::recursive_directory_iterator(); at.increment(ec)) {
        if (at->is_directory(ec) && is_left_out(at->path())) at.disable_recursion_pending();
        if (!fs::is_regular_file(at->symlink_status(ec))) continue;
        const std::uintmax_t size = at->file_size(ec);
        if (ec || size > left)
            return Error(Errc::invalid_argument,
                         fmt::format("--template: the folder of {} has more than 64 MiB", dockerfile.native()),
                         "build the image with docker build, and name it with --image");
        left -= size;
        auto bytes = read_whole_file(at->path());
        if (!bytes)
            return Error(Errc::invalid_argument, fmt::format("--template: cannot read {}", at->path().native()));
        const bool runs = (at->status(ec).permissions() & fs::perms::owner_exec) != fs::perms::none;
        std::string name = at->path().lexically_relative(folder).string();
        if (at->path() == dockerfile || name == dockerfile.filename())
            name = "Dockerfile";
        else if (name == "Dockerfile")
            continue;  // another one was named
        entries.push_back({.path = std::move(name), .bytes = std::move(*bytes), .mode = runs ? 0755U : 0644U});
    }
    if (ec) return Error(Errc::invalid_argument, fmt::format("--template: cannot read {}", folder.native()));
    std::ranges::sort(entries, {}, &docker::TarEntry::path);
    return docker::write_tar(entries);
}

asio::awaitable<Result<ChosenImage>> built_image(Engine& engine, fs::path dockerfile, ProgressSink progress)
{
    Result<std::string> context = build_context(dockerfile);
    if (!context) co_return context.error();
    ChosenImage image;
    image.reference = "sbx-dockerfile:" + short_hash(*context);
    Result<ImageInfo> known = co_await engine.image(image.reference);
    if (!known && known.error().code == Errc::not_found) {
        std::map<std::string, std::string> arguments;
        const Result<void> built =
            co_await engine.build(std::move(*context), image.reference, std::move(arguments), std::move(progress));
        if (!built) co_return built.error();
        known = co_await engine.image(image.reference);
    }
    if (!known) co_return known.error();
    image.info = std::move(*known);
    co_return image;
}

}  // namespace

asio::awaitable<Result<ChosenImage>> find_image(const OpenEngine& open, const Language& language, ImageWish wish,
                                                ProgressSink progress)
{
    if (!wish.dockerfile.empty())
        co_return co_await built_image(*open.engine, std::move(wish.dockerfile), std::move(progress));
    auto choosing = choose_image(*open.engine, language, std::move(wish.preference), std::move(progress));
    co_return co_await with_timeout(std::move(choosing), wish.timeout);
}

}  // namespace sbx::cli
