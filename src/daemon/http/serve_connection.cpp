#include "daemon/http/serve_connection.hpp"

#include "daemon/http/answer_head.hpp"
#include "daemon/http/cross_origin.hpp"
#include "daemon/http/head_scan.hpp"
#include "daemon/http/http_exchange.hpp"
#include "daemon/http/target.hpp"

#include <new>

namespace sbx::daemon {
namespace {

using Clock = Connection::Clock;
using ConnectionPtr = std::shared_ptr<Connection>;

/// What becomes of a connection after a request.
enum class Next { request, close, nothing };

/// One request on its way from its first byte to its record.
struct Request {
    explicit Request(const HttpLimits& limits) : scan(limits) {}

    HeadScan scan;
    std::string id;
    Clock::time_point started;
    std::uint64_t bytes_in = 0;   ///< of the connection before it
    std::uint64_t bytes_out = 0;  ///< likewise
};

/// Waits for a request's first byte.
asio::awaitable<bool> wait_for_request(ConnectionPtr connection, bool is_first)
{
    if (!connection->buffered().empty()) co_return true;
    const HttpLimits& limits = connection->server().limits;
    const auto now = Clock::now();
    if (!is_first) connection->set_idle(now);
    connection->read_by(now + (is_first ? limits.head_time : limits.idle_time));
    const bool has_come = co_await connection->fill();
    connection->set_idle(std::nullopt);
    connection->read_by(Connection::TimePoint::max());
    co_return has_come;
}

/// @return whether there is something to answer
asio::awaitable<bool> read_head(ConnectionPtr connection, HeadScan& scan)
{
    connection->read_by(Clock::now() + connection->server().limits.head_time);
    bool goes_on = true;
    while (goes_on && scan.feed(connection->buffered()) == HeadScan::State::need_more)
        goes_on = co_await connection->fill();
    connection->read_by(Connection::TimePoint::max());
    co_return scan.state() != HeadScan::State::need_more || connection->read_timed_out();
}

/// @return nothing where the request may be served; else `head` is incomplete
std::optional<Refusal> take_head(Connection& connection, HeadScan& scan, RequestHead& head)
{
    if (scan.state() == HeadScan::State::refused) return scan.refusal();
    if (scan.state() == HeadScan::State::need_more)
        return Refusal(408, "request_timeout", "the request comes too slowly");
    head.method = scan.head().method;
    head.fields = std::move(scan.head().fields);
    if (auto refusal = check_host(connection.site().rules, head.fields)) return refusal;
    head.port = named_port(connection.site().rules, head.fields);
    if (head.port) {
        head.target.text = scan.head().target;
        head.target.path = head.target.text.substr(0, head.target.text.find('?'));
    } else {
        Result<Target> target = parse_target(scan.head().target);
        if (!target) return Refusal(400, "protocol_error", target.error().message);
        head.target = std::move(*target);
    }
    return check_origin(connection.site().rules, head.fields);
}

void tell(Connection& connection, const Request& request, const RequestHead& head, const char* event, unsigned status,
          const RequestNote& note = {})
{
    AccessRecord record;
    record.route = note.route;
    record.key = note.key;
    record.is_passed_on = note.is_passed_on;
    record.event = event;
    record.id = head.id;
    record.method = head.method;
    record.path = head.target.path;
    record.traceparent = head.fields["traceparent"];
    record.status = status;
    record.duration = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - request.started);
    record.bytes_in = connection.bytes_in() - request.bytes_in;
    record.bytes_out = connection.bytes_out() - request.bytes_out;
    record.peer = &connection.peer();
    connection.server().tell(record);
}

/// What a 405 must tell. Here no route is known yet: these are the methods that a head may have at all (HeadScan).
constexpr const char* served_methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

asio::awaitable<void> refuse(ConnectionPtr connection, std::string id, Refusal refusal, bool is_head)
{
    Response response = error_answer(refusal.status, refusal.message, id);
    if (refusal.status == 405) response.headers.emplace_back("Allow", served_methods);
    AnswerFraming framing;
    framing.kind = AnswerFraming::Kind::length;
    framing.length = response.body.size();
    framing.keep_alive = false;
    std::string out;
    write_head(out, response, framing, id, connection->server().date.now());
    if (!is_head) out += response.body;
    Pieces pieces{asio::buffer(out)};
    co_await connection->write(pieces);
}

/// @return the status to answer with where it threw; else 0
asio::awaitable<unsigned> run_handler(const Site& site, HttpExchange& exchange)
{
    std::optional<Response> preflight = preflight_answer(site.rules, exchange.head());
    try {
        if (preflight)
            co_await exchange.respond(std::move(*preflight));
        else
            co_await site.serve(exchange);
    } catch (const std::bad_alloc&) {
        co_return 503U;
    } catch (...) {
        co_return 500U;
    }
    co_return 0U;
}

asio::awaitable<Next> serve_head(ConnectionPtr connection, Request& request, RequestHead head)
{
    HttpExchange exchange(connection, std::move(head), request.scan.head().framing);
    const unsigned thrown = co_await run_handler(connection->site(), exchange);
    connection->unwatch();
    if (!exchange.is_answered()) {
        const unsigned status = thrown == 0 ? 500 : thrown;
        Response response = error_answer(status, "the request could not be served", exchange.head().id);
        co_await exchange.respond(std::move(response));
    }
    tell(*connection, request, exchange.head(), thrown == 0 ? "request" : "handler_threw", exchange.status(),
         exchange.noted());
    if (exchange.is_given_up()) co_return Next::nothing;  // it is still the caller's
    connection->set_caller(std::nullopt);
    if (exchange.is_cut()) connection->close();
    const bool goes_on = co_await exchange.end();
    co_return goes_on ? Next::request : Next::close;
}

asio::awaitable<Next> serve_request(ConnectionPtr connection)
{
    ServerState& server = connection->server();
    Request request(server.limits);
    request.started = Clock::now();
    request.bytes_in = connection->bytes_in() - connection->buffered().size();
    request.bytes_out = connection->bytes_out();
    const bool has_come = co_await read_head(connection, request.scan);
    if (!has_come) co_return Next::close;
    RequestHead head;
    head.id = server.ids.next();
    head.peer = connection->peer();
    head.is_encrypted = connection->site().tls != nullptr;
    std::optional<Refusal> refusal = take_head(*connection, request.scan, head);
    if (refusal) {
        co_await refuse(connection, head.id, *refusal, head.method == http::verb::head);
        tell(*connection, request, head, refusal->event, refusal->status);
        co_return Next::close;
    }
    connection->consume(request.scan.size());
    co_return co_await serve_head(connection, request, std::move(head));
}

}  // namespace

asio::awaitable<void> serve_connection(std::shared_ptr<Connection> connection)
{
    connection->read_by(Clock::now() + connection->server().limits.head_time);
    const bool is_open = co_await connection->open();
    Next next = is_open ? Next::request : Next::close;
    for (bool is_first = true; next == Next::request; is_first = false) {
        const bool has_come = co_await wait_for_request(connection, is_first);
        if (!has_come) break;
        next = co_await serve_request(connection);
    }
    if (next != Next::nothing) co_await connection->close_gently();
}

}  // namespace sbx::daemon
