#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/listen_address.hpp"
#include "cli/shared_flags.hpp"
#include "cli/with_keeper.hpp"
#include "core/sandbox/port_forward.hpp"
#include "sbx/quantity.hpp"

#include <nlohmann/json.hpp>

#include <csignal>

namespace sbx::cli {
namespace {

constexpr std::uint32_t last_port = 65'535;

struct Options {
    std::string sandbox;
    std::string port;
    std::string listen;
};

/// What was asked for: what is carried, from where to where.
struct Wanted {
    SandboxRecord sandbox;
    std::uint16_t port = 0;
    ListenAddress listen;
};

Result<Wanted> read_wanted(const Options& options, const SandboxStore& store)
{
    Wanted wanted;
    const Result<std::uint32_t> port = parse_count("PORT", options.port, last_port);
    if (!port) return Error(Errc::invalid_argument, port.error().message, "sbx port SANDBOX 8000");
    wanted.port = static_cast<std::uint16_t>(*port);
    wanted.listen.port = wanted.port;
    if (!options.listen.empty()) {
        Result<ListenAddress> listen = parse_listen_address("--listen", options.listen);
        if (!listen) return listen.error();
        wanted.listen = std::move(*listen);
    }
    Result<SandboxRecord> sandbox = find_living(store, options.sandbox);
    if (!sandbox) return sandbox.error();
    wanted.sandbox = std::move(*sandbox);
    return wanted;
}

/// @return where it listens, with the port that a free one became
Result<TcpAcceptor> open_listener(const asio::any_io_executor& executor, ListenAddress& address)
{
    Result<TcpAcceptor> acceptor = listen_on(executor, TcpEndpoint(asio::ip::make_address(address.host), address.port));
    if (!acceptor && acceptor.error().code == Errc::invalid_argument)
        return Error(Errc::invalid_argument, acceptor.error().message,
                     "--listen takes an address of this machine: 127.0.0.1:8080");
    if (!acceptor) return Error(acceptor.error().code, acceptor.error().message, "--listen :0 takes a free port");
    address.port = acceptor->local_endpoint().port();
    return acceptor;
}

void announce(const Wanted& wanted, Context& context)
{
    const ListenAddress& listen = wanted.listen;
    if (!is_loopback(listen))
        context.say(fmt::format("{}: warning: whoever reaches {} reaches the sandbox", context.program, shown(listen)));
    if (context.json) {
        context.print_json({{"sandbox", wanted.sandbox.id},
                            {"port", wanted.port},
                            {"listen", {{"host", listen.host}, {"port", listen.port}}}});
        std::fflush(context.out);
    } else {
        context.say(fmt::format("{}: {} leads to port {} of {}", context.program, shown(listen), wanted.port,
                                wanted.sandbox.name.empty() ? wanted.sandbox.id : wanted.sandbox.name));
    }
}

/// @return the signal that ended it, or 0
asio::awaitable<Result<int>> forward(AgentLink& link, TcpAcceptor acceptor, std::uint16_t port, Context& context)
{
    const Interrupt interrupt(co_await asio::this_coro::executor, [&link] { link.close(); });
    const auto tell = [&context](const Error& error) {
        context.say(fmt::format("{}: {}", context.program, error.message));
    };
    PortForward ports(link, port, tell);
    co_await ports.serve(std::move(acceptor));
    if (link.fault()) co_return *link.fault();
    co_return interrupt.signal();
}

void port(const Options& options, Context& context)
{
    std::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c)
    const SandboxStore store = sandbox_store(context);
    Result<Wanted> wanted = read_wanted(options, store);
    if (!wanted) return context.report(wanted.error());
    asio::io_context io(1);
    Result<TcpAcceptor> acceptor = open_listener(io.get_executor(), wanted->listen);
    if (!acceptor) return context.report(acceptor.error());
    Result<std::unique_ptr<Channel>> keeper = open_keeper(io.get_executor(), context, store, wanted->sandbox);
    if (!keeper) return context.report(keeper.error());
    announce(*wanted, context);
    const auto work = [&](AgentLink& link) { return forward(link, std::move(*acceptor), wanted->port, context); };
    const Result<int> signal = talk_to_keeper(io, std::move(*keeper), wanted->sandbox, work);
    if (signal && *signal != 0) {
        context.exit_code = 128 + *signal;
        return;
    }
    // The one value on stdout has been printed.
    const Error why = signal ? why_it_ended(store, wanted->sandbox) : signal.error();
    context.say(why);
    context.exit_code = command_exit_code(why.code);
}

}  // namespace

void build_port_command(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<Options>();
    command.add_option("SANDBOX", options->sandbox, "Id, name, or beginning of an id")->required();
    command.add_option("PORT", options->port, "Port that a program listens on inside, on 127.0.0.1")->required();
    command
        .add_option("--listen", options->listen, "Where on this machine (default 127.0.0.1:PORT); :0 takes a free port")
        ->type_name("HOST:PORT");
    command.add_flag("--json", context.json, "Print where it listens as one JSON value");
    add_config_flag(command, context);
    set_examples(command, context,
                 {{"port build 8000", "127.0.0.1:8000 leads to port 8000 of the sandbox, until Ctrl-C"},
                  {"port build 8000 --listen :0 --json | jq .listen.port", "on a free port, and which"},
                  {"port build 8000 --listen 0.0.0.0:8000", "for other machines too"}});
    command.callback([options, &context] { port(*options, context); });
}

}  // namespace sbx::cli
