#include "core/sandbox/program_session.hpp"
#include "core/sandbox/session_run.hpp"
#include "daemon/api/request_json.hpp"
#include "daemon/api/strict_json.hpp"
#include "daemon/dialects/native/native.hpp"
#include "daemon/dialects/native/sandbox_request.hpp"
#include "daemon/dialects/native/start_place.hpp"
#include "daemon/executions/execution_json.hpp"
#include "daemon/executions/socket_io.hpp"
#include "daemon/sandboxes/session_request.hpp"
#include "daemon/sandboxes/socket_place.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <array>
#include <map>

namespace sbx::daemon::native {
using nlohmann::ordered_json;

struct AttachTerminal {
    std::uint16_t columns = 80;
    std::uint16_t rows = 24;
};
BOOST_DESCRIBE_STRUCT(AttachTerminal, (), (columns, rows))

constexpr auto fields_of(const AttachTerminal* /*type*/)
{
    return std::to_array<Field>({{.name = "columns", .minimum = 1}, {.name = "rows", .minimum = 1}});
}

/// The first message of a client: the program that it wants.
struct AttachStart {
    std::optional<std::uint64_t> process;
    std::vector<std::string> argv;
    std::map<std::string, std::string> env;
    std::optional<std::string> cwd;
    std::optional<AttachTerminal> tty;
    std::optional<std::chrono::milliseconds> timeout_ms;
    bool detach = false;
};
BOOST_DESCRIBE_STRUCT(AttachStart, (), (process, argv, env, cwd, tty, timeout_ms, detach))

constexpr auto fields_of(const AttachStart* /*type*/)
{
    return std::to_array<Field>({{.name = "argv", .max_length = 1000}, {.name = "timeout_ms", .minimum = 1}});
}

namespace {

constexpr std::uint16_t normal_closure = 1000;
constexpr std::uint16_t policy_violation = 1008;
constexpr std::uint16_t internal_error = 1011;

constexpr const char* description =
    "A WebSocket. The client's first message is text: `{\"argv\": […]}` with `env`, `cwd`, `tty` (`{\"columns\", "
    "\"rows\"}`), `timeout_ms` and `detach`, or `{\"process\": N}` for a program in the background. Then binary "
    "messages carry a byte that names the channel (0 stdin, 1 stdout, 2 stderr) and its bytes; text messages are "
    "`resize` (`columns`, `rows`), `signal` (`signal`: `SIGINT`, …) and `eof` from the client, `start`, then `exit` "
    "(the result record) or `error` from the server. Closing the socket ends the program unless it is in the "
    "background.";

/// Programs of sandboxes over WebSockets.
class AttachRoutes {
   public:
    explicit AttachRoutes(Services& services) : services_(services) {}

    asio::awaitable<void> attach(Call& call, SandboxRequest request) const;

   private:
    struct Wanted {
        RunRequest run;
        std::optional<Background> background;
    };

    asio::awaitable<Result<Wanted>> hear_start(WebSocket& socket, const Living& living, const Caller& caller) const;
    asio::awaitable<void> converse(Call& call, WebSocket& socket, std::shared_ptr<Living> living) const;
    asio::awaitable<void> run(Call& call, WebSocket& socket, std::shared_ptr<Living> living, Wanted wanted) const;
    ordered_json error_message(const Error& error, const std::string& request_id) const;

    Services& services_;
    NativeErrors errors_;
};

ordered_json AttachRoutes::error_message(const Error& error, const std::string& request_id) const
{
    ordered_json message{{"type", "error"}};
    message.update(ordered_json::parse(errors_.answer(error, request_id).body));
    return message;
}

Result<AttachStart> read_start(const WebSocketMessage& message)
{
    if (!message.is_text) return Error(Errc::invalid_argument, "the first message says what to start, as JSON text");
    const Result<nlohmann::json> json = parse_strict_json(message.bytes);
    if (!json) return json.error();
    AttachStart start;
    Decoder decoder;
    {
        const Decoder::Inside inside(decoder, "body", *json);
        decoder.read(*json, start);
    }
    if (!decoder.errors().empty()) return first_error(decoder.errors());
    const bool has_command = !start.argv.empty() && !start.argv.front().empty();
    if (has_command == start.process.has_value())
        return Error(Errc::invalid_argument, "either argv, a command, or process, the number of one in the background",
                     R"({"argv": ["bash"], "tty": {}})");
    return start;
}

asio::awaitable<Result<AttachRoutes::Wanted>> AttachRoutes::hear_start(WebSocket& socket, const Living& living,
                                                                       const Caller& caller) const
{
    const Result<WebSocketMessage> message = co_await socket.read();
    if (!message) co_return message.error();
    const Result<AttachStart> start = read_start(*message);
    if (!start) co_return start.error();
    Result<RunRequest> request = session_request(living.now(), start->env, start->timeout_ms, caller);
    if (!request) co_return request.error();
    Wanted wanted;
    wanted.run = std::move(*request);
    wanted.run.command = start->argv;
    if (!start->timeout_ms) wanted.run.limits.wall_ms.reset();  // its end is its client's, or the sandbox's
    if (start->tty) {
        TerminalSize& size = wanted.run.terminal.emplace();
        size.columns = start->tty->columns;
        size.rows = start->tty->rows;
    }
    if (start->cwd) {
        Result<std::string> place = start_place(*start->cwd);
        if (!place) co_return place.error();
        wanted.run.directory = std::move(*place);
    }
    if (start->process || start->detach) {
        wanted.background.emplace().process = start->process;
        wanted.run.limits.output_bytes.reset();
    }
    co_return wanted;
}

asio::awaitable<void> AttachRoutes::run(Call& call, WebSocket& socket, std::shared_ptr<Living> living,
                                        Wanted wanted) const
{
    using namespace asio::experimental::awaitable_operators;
    const std::string& id = call.exchange.head().id;
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    SocketIo io(executor, socket, wanted.background.has_value());
    const std::string execution = wanted.run.execution_id;
    const std::string image = wanted.run.image_name;
    std::optional<SessionRun> run;
    if (wanted.background) {
        wanted.background->known = [&io](std::uint64_t process, std::uint64_t dropped_bytes) {
            io.on_background(process, dropped_bytes);
        };
        run.emplace(executor, io, services_.sandboxes.store(), living->now(), std::move(wanted.run),
                    std::move(*wanted.background));
    } else {
        run.emplace(executor, io, services_.sandboxes.store(), living->now(), std::move(wanted.run));
    }
    const auto execute = [&]() -> asio::awaitable<void> {
        Result<std::unique_ptr<Channel>> channel = Sandboxes::connect(*living);
        Result<RunResult> result = Error(Errc::internal, "");
        if (channel)
            result = co_await run->execute(std::move(*channel));
        else
            result = channel.error();
        ordered_json last;
        if (io.wrong())
            last = error_message(*io.wrong(), id);
        else if (!result)
            last = error_message(result.error(), id);
        else {
            result->execution.execution_id = execution;
            result->execution.image = image;
            last = json_of(*result);
            last["type"] = "exit";
        }
        std::uint16_t code = result ? normal_closure : internal_error;
        if (io.wrong()) code = policy_violation;
        co_await io.end(std::move(last), code);
    };
    co_await (execute() && io.listen(*run) && io.tell());
}

asio::awaitable<void> AttachRoutes::converse(Call& call, WebSocket& socket, std::shared_ptr<Living> living) const
{
    Result<Wanted> wanted = co_await hear_start(socket, *living, call.caller);
    if (wanted) {
        co_await run(call, socket, std::move(living), std::move(*wanted));
        co_return;
    }
    WebSocketMessage refusal(true, dump(error_message(wanted.error(), call.exchange.head().id)));
    const Result<void> told = co_await socket.write(std::move(refusal));
    if (told) co_await socket.close(policy_violation, std::string());
}

asio::awaitable<void> AttachRoutes::attach(Call& call, SandboxRequest request) const
{
    const auto living = services_.sandboxes.find(request.id, call.caller);
    Result<SocketPlace> place = living ? SocketPlace::take(*living) : Result<SocketPlace>(living.error());
    std::optional<Error> refused;
    if (!place) refused = place.error();
    std::unique_ptr<WebSocket> socket;
    if (!refused) {
        auto accepted = co_await call.exchange.accept_web_socket();
        if (accepted)
            socket = std::move(*accepted);
        else
            refused = accepted.error();
    }
    if (refused) {
        Response answer = errors_.answer(*refused, call.exchange.head().id);
        co_await call.exchange.respond(std::move(answer));
        co_return;
    }
    co_await converse(call, *socket, *living);
}

}  // namespace

void add_attach_routes(Routes& routes, Services& services)
{
    const auto subject = std::make_shared<AttachRoutes>(services);
    routes.add_raw<SandboxRequest>(
        http::verb::get, "/v1/sandboxes/{id}/processes/attach",
        {.summary = "Attach to a program, by WebSocket",
         .tag = "processes",
         .description = description,
         .errors = {Errc::not_found, Errc::conflict, Errc::resource_exhausted},
         .status = 101,
         .produces = ""},
        [subject](Call& call, SandboxRequest request) { return subject->attach(call, std::move(request)); });
}

}  // namespace sbx::daemon::native
