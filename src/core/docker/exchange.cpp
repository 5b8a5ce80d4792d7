#include "core/docker/exchange.hpp"

#include <fmt/format.h>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

namespace sbx::docker {
namespace {

constexpr std::uint32_t max_head_bytes = 64U << 10;

}  // namespace

std::string render(const Request& request, std::string_view api_version, std::string_view host)
{
    std::string text = fmt::format("{} {}{}{} HTTP/1.1\r\nHost: {}\r\nUser-Agent: sbx\r\n",
                                   std::string_view(http::to_string(request.method)), api_version.empty() ? "" : "/v",
                                   api_version, request.target, host);
    for (const auto& [name, value] : request.headers) text += fmt::format("{}: {}\r\n", name, value);
    if (!request.content_type.empty()) text += fmt::format("Content-Type: {}\r\n", request.content_type);
    const std::uint64_t length = request.body.size() + request.streamed_bytes;
    if (length > 0 || request.method == http::verb::post) text += fmt::format("Content-Length: {}\r\n", length);
    text += "\r\n";
    text += request.body;
    return text;
}

std::string encoded(std::string_view value)
{
    return boost::urls::encode(value, boost::urls::unreserved_chars);
}

Exchange::Exchange(std::shared_ptr<Connection> connection, const Request& request, std::uint64_t body_limit)
    : connection_(std::move(connection)),
      method_(request.method),
      path_(request.target.substr(0, request.target.find('?')))
{
    parser_.eager(true);
    parser_.header_limit(max_head_bytes);
    parser_.body_limit(body_limit);
}

asio::awaitable<Result<unsigned>> Exchange::head()
{
    while (!parser_.is_header_done()) {
        const Result<void> advanced = co_await connection_->advance(parser_);
        if (!advanced) co_return advanced.error();
    }
    co_return parser_.get().result_int();
}

asio::awaitable<Result<std::string>> Exchange::next()
{
    while (parser_.get().body().empty() && !parser_.is_done()) {
        const Result<void> advanced = co_await connection_->advance(parser_);
        if (!advanced) co_return advanced.error();
    }
    co_return std::exchange(parser_.get().body(), std::string());
}

asio::awaitable<Result<std::string>> Exchange::rest()
{
    while (!parser_.is_done()) {
        const Result<void> advanced = co_await connection_->advance(parser_);
        if (!advanced) co_return advanced.error();
    }
    co_return std::exchange(parser_.get().body(), std::string());
}

std::string Exchange::header(std::string_view name) const
{
    const auto value = parser_.get()[boost::beast::string_view(name.data(), name.size())];
    return std::string(value.data(), value.size());
}

}  // namespace sbx::docker
