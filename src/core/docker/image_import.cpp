#include "core/docker/credentials.hpp"
#include "core/docker/engine.hpp"

#include <fmt/format.h>

#include <fstream>

namespace sbx::docker {
namespace {

constexpr std::chrono::minutes idle_limit(5);
constexpr std::size_t chunk_bytes = 1U << 20;
constexpr std::uint64_t max_progress_bytes = 64U << 20;

}  // namespace

asio::awaitable<Result<void>> Engine::import_image(std::string tar_path, std::string reference)
{
    std::error_code ec;
    const std::uint64_t size = std::filesystem::file_size(tar_path, ec);
    std::ifstream file(tar_path, std::ios::binary);
    if (ec || !file) co_return Error(Errc::not_found, fmt::format("cannot read {}", tar_path));

    const ImageReference to = parse_reference(reference);
    Request request(http::verb::post,
                    fmt::format("/images/create?fromSrc=-&repo={}&tag={}", encoded(to.repository), encoded(to.tag)));
    request.content_type = "application/x-tar";
    request.streamed_bytes = size;
    const auto exchange = co_await client_.send(std::move(request), idle_limit, max_progress_bytes);
    if (!exchange) co_return exchange.error();

    std::string chunk(chunk_bytes, '\0');
    for (std::uint64_t left = size; left > 0;) {
        file.read(chunk.data(), static_cast<std::streamsize>(std::min<std::uint64_t>(left, chunk.size())));
        const auto count = static_cast<std::size_t>(file.gcount());
        if (count == 0) co_return Error(Errc::internal, fmt::format("{} became shorter while it was read", tar_path));
        left -= count;
        (*exchange)->connection()->expire_after(idle_limit);
        const std::span<const char> bytes(chunk.data(), count);
        const Result<void> written = co_await (*exchange)->connection()->write(bytes);
        if (!written && written.error().code != Errc::unavailable) co_return written.error();
        if (!written) break;  // the engine stopped reading: its reply says why
    }
    co_return co_await follow(*exchange, ProgressSink());
}

}  // namespace sbx::docker
