#include "core/net/http_call.hpp"

#include "core/net/connector.hpp"
#include "core/net/host_name.hpp"
#include "core/with_timeout.hpp"

#include <fmt/format.h>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/dynamic_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

namespace sbx {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace ssl = asio::ssl;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::uint32_t most_head_bytes = 16U << 10;
/// A chunk's line is never longer; the parser itself has no limit for it.
constexpr std::size_t most_buffered_bytes = 64U << 10;
constexpr unsigned switching_protocols = 101;

auto into(error_code& failed)
{
    return asio::redirect_error(asio::use_awaitable, failed);
}

Error failure(const error_code& failed)
{
    if (failed == asio::error::operation_aborted) return Error(Errc::cancelled, "cancelled");
    if (failed == asio::error::eof || failed == http::error::end_of_stream || failed == http::error::partial_message ||
        failed == ssl::error::stream_truncated)
        return Error(Errc::unavailable, "the connection was closed before the answer was whole");
    if (failed.category() == asio::error::get_ssl_category())
        return Error(Errc::unavailable, fmt::format("TLS: {}", failed.message()));
    if (failed.category() == http::make_error_code(http::error::bad_version).category())
        return Error(Errc::unavailable, fmt::format("the answer is no HTTP: {}", failed.message()));
    return Error(Errc::unavailable, failed.message());
}

http::request<http::string_body> request_of(HttpCall call)
{
    const HttpUrl& server = call.server;
    http::request<http::string_body> request(http::verb::post, server.path + call.path, 11);
    request.set(http::field::host, server.place());
    request.set(http::field::user_agent, "sbx");
    request.set(http::field::content_type, "application/json");
    request.set(http::field::connection, "close");
    if (!server.authorization.empty()) request.set(http::field::authorization, server.authorization);
    for (const auto& [name, value] : call.headers) request.set(name, value);
    request.body() = std::move(call.body);
    request.prepare_payload();
    return request;
}

/// Provisional answers are passed over.
template <class Stream>
asio::awaitable<Result<HttpAnswer>> read_answer(Stream& stream)
{
    boost::beast::flat_buffer buffer(most_buffered_bytes);
    HttpAnswer answer;
    while (answer.status < 200 && answer.status != switching_protocols) {
        // A body that makes no room ahead for the length that its head tells.
        http::response_parser<http::dynamic_body> parser;
        parser.header_limit(most_head_bytes);
        parser.body_limit(boost::none);
        error_code failed;
        co_await http::async_read_header(stream, buffer, parser, into(failed));
        while (!failed && !parser.is_done() && parser.get().body().size() < HttpAnswer::most_bytes)
            co_await http::async_read_some(stream, buffer, parser, into(failed));
        if (failed) co_return failure(failed);
        answer.status = parser.get().result_int();
        answer.body = boost::beast::buffers_to_string(parser.get().body().data());
    }
    if (answer.body.size() > HttpAnswer::most_bytes) answer.body.resize(HttpAnswer::most_bytes);
    co_return answer;
}

template <class Stream>
asio::awaitable<Result<HttpAnswer>> exchange(Stream& stream, HttpCall call)
{
    const http::request<http::string_body> request = request_of(std::move(call));
    error_code unsent;
    co_await http::async_write(stream, request, into(unsent));
    Result<HttpAnswer> answer = co_await read_answer(stream);  // it may come before all was sent
    if (!answer && unsent) co_return failure(unsent);
    co_return answer;
}

Result<void> trust(ssl::context& context, const std::string& host)
{
    error_code failed;
    context.set_options(ssl::context::default_workarounds | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1, failed);
    context.set_default_verify_paths(failed);
    if (failed) return failure(failed);
    context.set_verify_mode(ssl::verify_peer);
    context.set_verify_callback(ssl::host_name_verification(host));
    return {};
}

asio::awaitable<Result<HttpAnswer>> exchange_securely(tcp::socket socket, HttpCall call)
{
    ssl::context context(ssl::context::tls_client);
    const std::string host = call.server.host;
    if (const Result<void> trusted = trust(context, host); !trusted) co_return trusted.error();
    ssl::stream<tcp::socket> stream(std::move(socket), context);
    // OpenSSL's macro for this holds a C cast.
    if (!is_address(host))
        SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 std::string(host).data());
    error_code failed;
    co_await stream.async_handshake(ssl::stream_base::client, into(failed));
    if (failed) co_return failure(failed);
    co_return co_await exchange(stream, std::move(call));
}

asio::awaitable<Result<HttpAnswer>> call_now(Resolver& resolver, HttpCall call, std::chrono::milliseconds limit)
{
    std::string host = call.server.host;
    auto found = co_await addresses_of(resolver, std::move(host));
    if (!found) co_return found.error();
    Result<OutsideSocket> socket = co_await connect_to_one(std::move(*found), call.server.port, limit);
    if (!socket) co_return socket.error();
    if (call.server.is_secure) co_return co_await exchange_securely(std::move(**socket), std::move(call));
    co_return co_await exchange(**socket, std::move(call));
}

}  // namespace

asio::awaitable<Result<HttpAnswer>> http_call(Resolver& resolver, HttpCall call, std::chrono::milliseconds limit)
{
    Result<HttpAnswer> answer = co_await with_timeout(call_now(resolver, std::move(call), limit), limit);
    if (!answer && answer.error().code == Errc::deadline_exceeded)
        co_return Error(Errc::deadline_exceeded,
                        fmt::format("no answer within {} s", std::chrono::duration<double>(limit).count()));
    co_return answer;
}

}  // namespace sbx
