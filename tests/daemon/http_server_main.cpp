// A server with simple handlers, for test_http.py. Says on stdout where it listens, and what its observer is told.
#include "daemon/http/server.hpp"

#include <fmt/format.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <charconv>
#include <cstdio>
#include <map>
#include <stdexcept>

namespace {

using namespace sbx;
using namespace sbx::daemon;
using namespace std::chrono_literals;

std::size_t number(std::string_view text)
{
    std::size_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

asio::awaitable<void> fail(Exchange& exchange, Error error)
{
    Response response(http_status(error.code), std::string(name_of(error.code)), "text/plain");
    co_await exchange.respond(std::move(response));
}

/// POST /echo: the body, streamed.
asio::awaitable<void> echo(Exchange& exchange)
{
    std::string piece(64U << 10, '\0');
    Result<std::size_t> n = co_await exchange.read_some(piece);
    if (!n) {
        co_await fail(exchange, n.error());
        co_return;
    }
    Response head(200, "", "application/octet-stream");
    Result<void> written = co_await exchange.begin(std::move(head));
    while (written && n && *n > 0) {
        const std::span<const char> part(piece.data(), *n);
        written = co_await exchange.write(part);
        if (!written) co_return;
        n = co_await exchange.read_some(piece);
    }
    if (written && n) co_await exchange.finish();
}

/// POST /whole?limit=N: how long the body is. With `pauses` it may take its time.
asio::awaitable<void> whole(Exchange& exchange)
{
    if (exchange.head().target.value("pauses")) exchange.allow_pauses();
    const std::size_t limit = number(exchange.head().target.value("limit").value_or("1048576"));
    const Result<std::string> body = co_await exchange.body(limit);
    if (!body) {
        co_await fail(exchange, body.error());
        co_return;
    }
    Response response(200, std::to_string(body->size()), "text/plain");
    co_await exchange.respond(std::move(response));
}

/// GET /slow?ms=N: answers then, unless the client has gone before.
asio::awaitable<void> slow(Exchange& exchange)
{
    const auto until = std::chrono::steady_clock::now() +
                       std::chrono::milliseconds(number(exchange.head().target.value("ms").value_or("1000")));
    exchange.watch();
    while (!exchange.is_gone() && std::chrono::steady_clock::now() < until) co_await exchange.gone().wait(until);
    fmt::print("slow {}\n", exchange.is_gone() ? "gone" : "done");
    Response response(200, "slow", "text/plain");
    co_await exchange.respond(std::move(response));
}

/// GET /stream?n=N&bytes=B: N chunks, or without an end where `cut` is given.
asio::awaitable<void> stream(Exchange& exchange)
{
    const Target& target = exchange.head().target;
    const std::size_t count = number(target.value("n").value_or("3"));
    const std::string chunk(number(target.value("bytes").value_or("10")), 'x');
    Response head(200, "", "text/plain");
    Result<void> written = co_await exchange.begin(std::move(head));
    for (std::size_t i = 0; i < count && written; ++i) written = co_await exchange.write(chunk);
    if (!written) fmt::print("stream gone\n");
    if (written && !target.value("cut")) co_await exchange.finish();
}

/// GET /big?bytes=N
asio::awaitable<void> big(Exchange& exchange)
{
    Response response(200, std::string(number(exchange.head().target.value("bytes").value_or("1000")), 'b'),
                      "text/plain");
    co_await exchange.respond(std::move(response));
}

/// GET /told?bytes=N: a stream whose length is told.
asio::awaitable<void> told(Exchange& exchange)
{
    const std::string bytes(number(exchange.head().target.value("bytes").value_or("1000")), 't');
    Response head(200, "", "text/plain");
    head.headers.emplace_back("Content-Length", std::to_string(bytes.size()));
    head.headers.emplace_back("X-Bad", "a\r\nX-Worse: b");
    (void)co_await exchange.begin(std::move(head));
    (void)co_await exchange.write(bytes);
    (void)co_await exchange.finish();
}

/// GET /raw: an upgrade to bytes that come back.
asio::awaitable<void> raw(Exchange& exchange)
{
    std::string protocol = "echo";
    Headers none;
    auto channel = co_await exchange.switch_protocols(std::move(protocol), std::move(none));
    if (!channel) co_return;
    std::string piece(4096, '\0');
    for (;;) {
        const Result<std::size_t> n = co_await (*channel)->read_some(piece);
        if (!n || *n == 0) co_return;
        const std::span<const char> part(piece.data(), *n);
        const Result<void> written = co_await (*channel)->write(part);
        if (!written) co_return;
    }
}

/// GET /ws: messages that come back; "bye" is answered with a close, "flood" with messages until one is not taken.
asio::awaitable<void> web_socket(Exchange& exchange)
{
    auto accepted = co_await exchange.accept_web_socket();
    if (!accepted) {
        co_await fail(exchange, accepted.error());
        co_return;
    }
    const std::unique_ptr<WebSocket> socket = std::move(*accepted);
    for (;;) {
        Result<WebSocketMessage> message = co_await socket->read();
        if (!message) {
            fmt::print("ws {}\n", name_of(message.error().code));
            co_return;
        }
        if (message->bytes == "bye") {
            co_await socket->close(4000, "as you wish");
            continue;
        }
        const bool floods = message->bytes == "flood";
        if (floods) message->bytes.assign(1U << 16, 'f');
        Result<void> written;
        do {
            WebSocketMessage copy = *message;
            written = co_await socket->write(std::move(copy));
        } while (floods && written);
        if (!written) fmt::print("ws write {}\n", name_of(written.error().code));
    }
}

asio::awaitable<void> health(Exchange& exchange)
{
    Response response(200, "{\"status\":\"ok\"}\n");
    co_await exchange.respond(std::move(response));
}

asio::awaitable<void> head_of(Exchange& exchange)
{
    const RequestHead& head = exchange.head();
    std::string text = fmt::format("{} {} peer={} address={}\n", std::string(http::to_string(head.method)),
                                   head.target.path, static_cast<int>(head.peer.kind), head.peer.address);
    for (const auto& [name, value] : head.target.query) text += fmt::format("{}={}\n", name, value);
    Response response(200, std::move(text), "text/plain");
    co_await exchange.respond(std::move(response));
}

asio::awaitable<void> serve(Exchange& exchange)
{
    const std::string& path = exchange.head().target.path;
    if (path == "/health") return health(exchange);
    if (path == "/echo") return echo(exchange);
    if (path == "/whole") return whole(exchange);
    if (path == "/slow") return slow(exchange);
    if (path == "/stream") return stream(exchange);
    if (path == "/big") return big(exchange);
    if (path == "/told") return told(exchange);
    if (path == "/raw") return raw(exchange);
    if (path == "/ws") return web_socket(exchange);
    if (path == "/head") return head_of(exchange);
    if (path == "/throw") throw std::runtime_error("thrown");
    return fail(exchange, Error(Errc::not_found, "no such path"));
}

HttpLimits limits_from(std::map<std::string, std::string>& options)
{
    HttpLimits limits;
    const auto seconds = [&](const char* name, std::chrono::seconds& value) {
        if (options.contains(name)) value = std::chrono::seconds(number(options[name]));
    };
    const auto count = [&](const char* name, std::size_t& value) {
        if (options.contains(name)) value = number(options[name]);
    };
    seconds("head_time", limits.head_time);
    seconds("body_time", limits.body_time);
    seconds("idle_time", limits.idle_time);
    seconds("write_stall", limits.write_stall);
    seconds("ping_interval", limits.ping_interval);
    seconds("silence", limits.silence);
    count("connections", limits.connections);
    count("connections_per_address", limits.connections_per_address);
    return limits;
}

std::shared_ptr<asio::ssl::context> tls_from(std::map<std::string, std::string>& options)
{
    if (!options.contains("certificate")) return nullptr;
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
    context->use_certificate_chain_file(options["certificate"]);
    context->use_private_key_file(options["key"], asio::ssl::context::pem);
    return context;
}

}  // namespace

/// Arguments are name=value: those of HttpLimits, path, address, port, descriptor, host, domain, origin, certificate,
/// key, quiet.
int main(int argc, char** argv)
{
    std::map<std::string, std::string> options;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        options.emplace(word.substr(0, word.find('=')), word.substr(word.find('=') + 1));
    }
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    asio::io_context context(1);
    HttpServer server(context.get_executor(), limits_from(options));
    if (!options.contains("quiet"))
        server.observe([](const AccessRecord& record) {
            fmt::print("{} {} {} in={} out={}\n", record.event, record.status, record.path, record.bytes_in,
                       record.bytes_out);
        });
    AccessRules rules;
    if (options.contains("host")) rules.hosts.push_back(options["host"]);
    if (options.contains("domain")) rules.domains.push_back(options["domain"]);
    if (options.contains("origin")) rules.allowed_origins.push_back(options["origin"]);
    ListenAddress address;
    address.path = options["path"];
    address.address = options.contains("address") ? options["address"] : "127.0.0.1";
    address.port = static_cast<std::uint16_t>(number(options["port"]));
    if (options.contains("descriptor")) address.descriptor = static_cast<int>(number(options["descriptor"]));
    const Result<std::uint16_t> port = server.listen(address, rules, serve, tls_from(options));
    if (!port) {
        fmt::print("error {} {}\n", name_of(port.error().code), port.error().message);
        return 1;
    }
    // The first signal stops, the second closes.
    asio::signal_set signals(context, SIGTERM, SIGINT);
    std::function<void(boost::system::error_code, int)> on_signal = [&, count = 0](auto ec, int) mutable {
        if (ec) return;
        if (++count == 1) {
            server.stop();
            signals.async_wait(on_signal);
        } else {
            server.close();
            context.stop();
        }
    };
    signals.async_wait([&](auto ec, int number) { on_signal(ec, number); });
    fmt::print("listening {}\n", *port);  // whoever reads this may send a signal
    context.run();
}
