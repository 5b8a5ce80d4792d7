#include "core/docker/credentials.hpp"
#include "core/docker/engine.hpp"
#include "core/docker/file_upload.hpp"

#include <fmt/format.h>

namespace sbx::docker {
namespace {

constexpr std::uint64_t max_progress_bytes = 64U << 20;

}  // namespace

asio::awaitable<Result<void>> Engine::import_image(std::string tar_path, std::string reference)
{
    const ImageReference to = parse_reference(reference);
    Request request(http::verb::post,
                    fmt::format("/images/create?fromSrc=-&repo={}&tag={}", encoded(to.repository), encoded(to.tag)));
    request.content_type = "application/x-tar";
    const auto exchange = co_await send_file(client_, std::move(request), std::move(tar_path), max_progress_bytes);
    if (!exchange) co_return exchange.error();
    co_return co_await follow(*exchange, ProgressSink());
}

}  // namespace sbx::docker
