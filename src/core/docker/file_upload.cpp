#include "core/docker/file_upload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

namespace sbx::docker {
namespace {

constexpr std::size_t chunk_bytes = 1U << 20;

}  // namespace

asio::awaitable<Result<std::shared_ptr<Exchange>>> send_file(Client& client, Request request,
                                                             std::filesystem::path file, std::uint64_t most_reply_bytes)
{
    std::error_code ec;
    const std::uint64_t size = std::filesystem::file_size(file, ec);
    std::ifstream bytes_of(file, std::ios::binary);
    if (ec || !bytes_of) co_return Error(Errc::not_found, fmt::format("cannot read {}", file.native()));
    request.streamed_bytes = size;
    const auto exchange = co_await client.send(std::move(request), idle_limit, most_reply_bytes);
    if (!exchange) co_return exchange.error();

    std::string chunk(chunk_bytes, '\0');
    for (std::uint64_t left = size; left > 0;) {
        bytes_of.read(chunk.data(), static_cast<std::streamsize>(std::min<std::uint64_t>(left, chunk.size())));
        const auto count = static_cast<std::size_t>(bytes_of.gcount());
        if (count == 0)
            co_return Error(Errc::internal, fmt::format("{} became shorter while it was read", file.native()));
        left -= count;
        (*exchange)->connection()->expire_after(idle_limit);
        const std::span<const char> bytes(chunk.data(), count);
        const Result<void> written = co_await (*exchange)->connection()->write(bytes);
        if (!written && written.error().code != Errc::unavailable) co_return written.error();
        if (!written) break;  // the engine stopped reading: its reply says why
    }
    co_return exchange;
}

}  // namespace sbx::docker
