#include "scripted_engine.hpp"

#include <fmt/format.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <cstdlib>

namespace test {
namespace {

namespace asio = boost::asio;
using UnixSocket = asio::local::stream_protocol;
using boost::system::error_code;

/// "POST /v1.41/containers/x/kill?a=b HTTP/1.1…" as "POST /containers/x/kill".
std::string request_of(const std::string& head)
{
    const std::size_t space = head.find(' ');
    std::string target = head.substr(space + 1, head.find(' ', space + 1) - space - 1);
    if (target.starts_with("/v1.")) target.erase(0, target.find('/', 1));
    return head.substr(0, space + 1) + target.substr(0, target.find('?'));
}

std::size_t length_of(const std::string& head)
{
    const std::size_t at = head.find("Content-Length: ");
    return at == std::string::npos ? 0 : std::strtoul(head.c_str() + at + 16, nullptr, 10);
}

}  // namespace

Answer answer(unsigned status, const std::string& body)
{
    Answer made;
    made.bytes = fmt::format(
        "HTTP/1.1 {} Because\r\nApi-Version: 1.41\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
        status, body.size(), body);
    return made;
}

ScriptedEngine::ScriptedEngine(asio::io_context& context, Script script)
    : acceptor_(context, UnixSocket::endpoint((directory_.path() / "s").string())), script_(std::move(script))
{
    ping.bytes = "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\nOK";
    asio::co_spawn(context, accept(), asio::detached);
}

sbx::docker::Endpoint ScriptedEngine::endpoint() const
{
    return *sbx::docker::parse_host("unix://" + (directory_.path() / "s").string(), nullptr);
}

asio::awaitable<void> ScriptedEngine::accept()
{
    for (error_code ec;;) {
        UnixSocket::socket socket = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, ec));
        if (ec) co_return;
        asio::co_spawn(acceptor_.get_executor(), serve(std::move(socket)), asio::detached);
    }
}

asio::awaitable<void> ScriptedEngine::serve(UnixSocket::socket socket)
{
    std::string received;
    for (error_code ec;;) {
        const std::size_t head_size = co_await asio::async_read_until(
            socket, asio::dynamic_buffer(received), "\r\n\r\n", asio::redirect_error(asio::use_awaitable, ec));
        if (ec) co_return;
        const std::string head = received.substr(0, head_size);
        const std::size_t whole = head_size + length_of(head);
        if (received.size() < whole) {
            const std::size_t missing = whole - received.size();
            co_await asio::async_read(socket, asio::dynamic_buffer(received), asio::transfer_exactly(missing),
                                      asio::redirect_error(asio::use_awaitable, ec));
            if (ec) co_return;
        }
        received.erase(0, whole);
        const std::string request = request_of(head);
        const bool is_ping = request == "GET /_ping";
        if (!is_ping) requests_.push_back(request);
        Answer reply = ping;
        if (!is_ping) reply = script_(request);
        co_await asio::async_write(socket, asio::buffer(reply.bytes), asio::redirect_error(asio::use_awaitable, ec));
        if (ec || reply.closes) co_return;
        if (reply.hangs) {
            asio::steady_timer never(socket.get_executor(), asio::steady_timer::time_point::max());
            co_await never.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        }
    }
}

}  // namespace test
