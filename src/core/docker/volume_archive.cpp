#include "core/docker/volume_archive.hpp"

#include "core/docker/engine.hpp"
#include "core/docker/file_upload.hpp"

#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>

#include <fstream>
#include <limits>

namespace sbx::docker {
namespace {

constexpr std::uint64_t any_size = std::numeric_limits<std::uint64_t>::max();

}  // namespace

std::string archive_target(const std::string& container, const std::string& path)
{
    return fmt::format("/containers/{}/archive?path={}", encoded(container), encoded(path));
}

asio::awaitable<Result<VolumeInfo>> Engine::import_volume(std::string name, std::map<std::string, std::string> labels,
                                                          std::filesystem::path tar, std::string image)
{
    const Result<VolumeInfo> known = co_await volume(name);
    if (!known && known.error().code != Errc::not_found) co_return known.error();
    Result<VolumeInfo> made = co_await make_volume(name, labels);
    if (!made) co_return made;
    CarrierWork fill = [this, &tar](std::string carrier) { return unpack_from_host(std::move(carrier), tar); };
    std::exception_ptr thrown;
    Result<void> filled = Error(Errc::cancelled, "docker: cancelled");
    try {
        filled = co_await with_carrier(name, std::move(labels), std::move(image), std::move(fill));
    } catch (...) {
        thrown = std::current_exception();  // a catch block cannot co_await
    }
    // The engine's time stamp is that of the volume's directory, which was changed just now.
    if (filled) co_return co_await volume(name);
    if (known && thrown) std::rethrow_exception(thrown);
    if (known) co_return filled.error();
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    const Result<void> removed = co_await remove_volume(name);
    co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    if (thrown) std::rethrow_exception(thrown);
    co_return filled.error();
}

asio::awaitable<Result<void>> Engine::unpack_from_host(std::string carrier, std::filesystem::path tar)
{
    Request request(http::verb::put, archive_target(carrier, "/.sbx"));
    request.content_type = "application/x-tar";
    const auto exchange = co_await send_file(client_, std::move(request), std::move(tar), max_reply_bytes);
    if (!exchange) co_return exchange.error();
    const Result<std::string> reply = co_await client_.complete(*exchange);
    if (!reply) co_return reply.error();
    co_return Result<void>();
}

asio::awaitable<Result<void>> Engine::export_volume(std::string name, std::filesystem::path tar, std::string image)
{
    const Result<VolumeInfo> known = co_await volume(name);
    if (!known) co_return known.error();
    CarrierWork pack = [this, &tar](std::string carrier) { return pack_to_host(std::move(carrier), tar); };
    std::map<std::string, std::string> labels = known->labels;
    co_return co_await with_carrier(std::move(name), std::move(labels), std::move(image), std::move(pack));
}

asio::awaitable<Result<void>> Engine::pack_to_host(std::string carrier, std::filesystem::path tar)
{
    Request request(http::verb::get, archive_target(carrier, "/.sbx/."));  // the content, without a folder around it
    const auto exchange = co_await client_.send(std::move(request), idle_limit, any_size);
    if (!exchange) co_return exchange.error();
    const Result<void> begun = co_await client_.begin(*exchange);
    if (!begun) co_return begun.error();
    std::ofstream file(tar, std::ios::binary | std::ios::trunc);
    for (;;) {
        (*exchange)->connection()->expire_after(idle_limit);
        const Result<std::string> piece = co_await (*exchange)->next();
        if (!piece) co_return piece.error();
        if (piece->empty()) break;
        file.write(piece->data(), static_cast<std::streamsize>(piece->size()));
        if (!file) break;
    }
    file.flush();
    if (!file) co_return Error(Errc::unavailable, fmt::format("cannot write {}", tar.native()), "df -h");
    co_return Result<void>();
}

}  // namespace sbx::docker
