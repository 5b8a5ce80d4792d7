#include "core/net/http_call.hpp"

#include "catch.hpp"
#include "temp_directory.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <cstdlib>
#include <optional>

using namespace sbx;
using namespace std::chrono_literals;
namespace asio = boost::asio;
namespace ssl = asio::ssl;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

auto into(error_code& failed)
{
    return asio::redirect_error(asio::use_awaitable, failed);
}

enum class End { closes, stays };

/// A server of one connection that has learned one answer by heart.
class Server {
   public:
    Server(std::string answer, End end) : answer_(std::move(answer)), end_(end) {}

    /// From now on over TLS. @param directory  where its certificate is, and its key
    void secure(const std::filesystem::path& directory)
    {
        tls_.emplace(ssl::context::tls_server);
        tls_->use_certificate_chain_file((directory / "cert.pem").native());
        tls_->use_private_key_file((directory / "key.pem").native(), ssl::context::pem);
    }

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    const std::string& request() const { return request_; }

    Result<HttpAnswer> asked(HttpCall call, Resolver& resolver, std::chrono::milliseconds limit)
    {
        std::optional<Result<HttpAnswer>> answer;
        asio::co_spawn(io_, serve(), asio::detached);
        asio::co_spawn(io_, http_call(resolver, std::move(call), limit),
                       [&](const std::exception_ptr& thrown, Result<HttpAnswer> value) {
                           REQUIRE_FALSE(thrown);
                           answer.emplace(std::move(value));
                       });
        while (!answer) io_.run_one();
        return std::move(*answer);
    }

   private:
    asio::awaitable<void> serve()
    {
        tcp::socket socket = co_await acceptor_.async_accept(asio::use_awaitable);
        if (!tls_) {
            co_await talk(socket);
            co_return;
        }
        ssl::stream<tcp::socket> stream(std::move(socket), *tls_);
        error_code failed;
        co_await stream.async_handshake(ssl::stream_base::server, into(failed));
        if (!failed) co_await talk(stream);
    }

    template <class Stream>
    asio::awaitable<void> talk(Stream& stream)
    {
        error_code failed;
        co_await asio::async_read_until(stream, asio::dynamic_buffer(request_), "}", into(failed));
        co_await asio::async_write(stream, asio::buffer(answer_), into(failed));
        asio::steady_timer never(io_, asio::steady_timer::time_point::max());
        if (end_ == End::stays) co_await never.async_wait(into(failed));
    }

    asio::io_context io_;
    tcp::acceptor acceptor_{io_, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)};
    std::optional<ssl::context> tls_;
    std::string request_;
    std::string answer_;
    End end_;
};

HttpCall call_of(const std::string& server)
{
    HttpCall call;
    call.server = *parse_http_url("URL", server);
    call.path = "/adjust";
    call.headers = {{"Idempotency-Key", "7"}};
    call.body = R"({"x":1})";
    return call;
}

Result<HttpAnswer> answer_to(Server& server, std::chrono::milliseconds limit = 5s)
{
    SystemResolver resolver;
    return server.asked(call_of(fmt::format("http://127.0.0.1:{}/base/", server.port())), resolver, limit);
}

Result<HttpAnswer> answer_of(std::string text, End end = End::stays, std::chrono::milliseconds limit = 5s)
{
    Server server(std::move(text), end);
    return answer_to(server, limit);
}

std::string reason_of(std::string text, End end = End::closes)
{
    const auto answer = answer_of(std::move(text), end);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == Errc::unavailable);
    return answer.error().message;
}

/// Makes a certificate for `localhost` that signs itself.
void make_certificate(const std::filesystem::path& directory)
{
    const std::string command = fmt::format(
        "cd '{}' && openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj "
        "/CN=localhost "
        "-addext subjectAltName=DNS:localhost 2>/dev/null",
        directory.native());
    REQUIRE(std::system(command.c_str()) == 0);
}

/// Knows one name.
class OneName : public Resolver {
   public:
    asio::awaitable<Result<std::vector<asio::ip::address>>> resolve(std::string name) override
    {
        if (name != "localhost" && name != "other") co_return Error(Errc::not_found, "there is no such name: " + name);
        co_return std::vector{asio::ip::make_address("127.0.0.1")};
    }
};

Result<HttpAnswer> answer_over_tls(const std::filesystem::path& directory, std::string_view host)
{
    Server server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", End::stays);
    server.secure(directory);
    OneName resolver;
    return server.asked(call_of(fmt::format("https://{}:{}", host, server.port())), resolver, 5s);
}

}  // namespace

TEST_CASE("a call is one request of its own connection")
{
    Server server("HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok", End::stays);
    const auto answer = answer_to(server);
    REQUIRE(answer);
    CHECK(answer->status == 202);
    CHECK(answer->body == "ok");
    CHECK(server.request() == fmt::format("POST /base/adjust HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nUser-Agent: sbx\r\n"
                                          "Content-Type: application/json\r\nConnection: close\r\n"
                                          "Idempotency-Key: 7\r\nContent-Length: 7\r\n\r\n{{\"x\":1}}",
                                          server.port()));
}

TEST_CASE("an answer's body may come in each of HTTP's ways")
{
    CHECK(answer_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n")->body ==
          "ab");
    CHECK(answer_of("HTTP/1.0 200 OK\r\n\r\nuntil the end", End::closes)->body == "until the end");
    CHECK(answer_of("HTTP/1.1 204 No Content\r\n\r\n")->status == 204);
    CHECK(answer_of("HTTP/1.1 422 Oops\r\nContent-Length: 0\r\n\r\n")->status == 422);
}

TEST_CASE("a provisional answer is none, a redirection is one")
{
    CHECK(answer_of("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
                    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
              ->status == 200);
    CHECK(answer_of("HTTP/1.1 307 Elsewhere\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")->status ==
          307);
    CHECK(answer_of("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")->status == 101);
}

TEST_CASE("of a huge body the beginning is read, however long it says it is")
{
    const std::string much(200'000, 'x');
    const auto whole = answer_of("HTTP/1.1 400 No\r\nContent-Length: 200000\r\n\r\n" + much);
    REQUIRE(whole);
    CHECK(whole->body.size() == HttpAnswer::most_bytes);
    CHECK(answer_of("HTTP/1.1 200 OK\r\nContent-Length: 9000000000000000000\r\n\r\n" + much)->status == 200);
    CHECK(answer_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffff0\r\n" + much)->status == 200);
}

TEST_CASE("what is no whole answer is a failure")
{
    CHECK(reason_of("") == "the connection was closed before the answer was whole");
    CHECK(reason_of("HTTP/1.1 200 OK\r\nContent-Len") == "the connection was closed before the answer was whole");
    CHECK(reason_of("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc") ==
          "the connection was closed before the answer was whole");
    CHECK(reason_of("SSH-2.0-OpenSSH_9.2\r\n").starts_with("the answer is no HTTP: "));
    CHECK(reason_of("HTTP/1.1 OK\r\n\r\n").starts_with("the answer is no HTTP: "));
    const std::string endless_head = "HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x');
    CHECK(reason_of(endless_head, End::stays).starts_with("the answer is no HTTP: "));
    const std::string endless_chunk =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(200'000, 'x');
    CHECK(reason_of(endless_chunk, End::stays).starts_with("the answer is no HTTP: "));
}

TEST_CASE("a server that falls silent costs no more than the limit, wherever it does")
{
    const auto text = GENERATE("", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
    const auto begin = std::chrono::steady_clock::now();
    const auto answer = answer_of(text, End::stays, 100ms);
    REQUIRE_FALSE(answer);
    CHECK(answer.error() == Error(Errc::deadline_exceeded, "no answer within 0.1 s"));
    CHECK(std::chrono::steady_clock::now() - begin < 3s);
}

TEST_CASE("where nobody listens, and a name that nobody has, are told apart")
{
    asio::io_context io;
    OneName resolver;
    const auto failure = [&](const std::string& url) {
        std::optional<Result<HttpAnswer>> answer;
        asio::co_spawn(io, http_call(resolver, call_of(url), 5s),
                       [&](const std::exception_ptr&, Result<HttpAnswer> value) { answer.emplace(std::move(value)); });
        io.restart();
        io.run();
        return answer->error();
    };
    CHECK(failure("http://localhost:1") == Error(Errc::unavailable, "Connection refused"));
    CHECK(failure("http://127.0.0.1:1").message == "Connection refused");
    CHECK(failure("http://missing") == Error(Errc::not_found, "there is no such name: missing"));
}

TEST_CASE("TLS is for who shows a certificate that this machine trusts, and of that name")
{
    const test::TempDirectory directory;
    make_certificate(directory.path());
    const auto untrusted = answer_over_tls(directory.path(), "localhost");
    REQUIRE_FALSE(untrusted);
    CHECK(untrusted.error().message.starts_with("TLS: certificate verify failed"));
    ::setenv("SSL_CERT_FILE", (directory.path() / "cert.pem").c_str(), 1);
    const auto trusted = answer_over_tls(directory.path(), "localhost");
    const auto of_another_name = answer_over_tls(directory.path(), "other");
    ::unsetenv("SSL_CERT_FILE");
    REQUIRE(trusted);
    CHECK(trusted->body == "ok");
    REQUIRE_FALSE(of_another_name);
    CHECK(of_another_name.error().message.starts_with("TLS: certificate verify failed"));
}
