#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/daemon_process.hpp"
#include "cli/serve_flags.hpp"
#include "cli/serve_listens.hpp"
#include "cli/shared_flags.hpp"
#include "cli/traced_engine.hpp"
#include "daemon/daemon.hpp"
#include "sbx/quantity.hpp"

#include <fmt/ranges.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <csignal>

namespace sbx::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto default_wall = 30s;       // of an execution that names none
constexpr auto time_to_hang_up = 200ms;  // for connections that have been told to close
constexpr std::uint32_t most_warm = 64;

/// `python`, `python=4`
Result<std::map<std::string, std::size_t>> read_warm(const std::vector<std::string>& texts)
{
    std::map<std::string, std::size_t> warm;
    for (const std::string& text : texts) {
        const std::size_t equals = text.find('=');
        const auto language = find_language(text.substr(0, equals));
        if (!language)
            return Error(language.error().code, "--warm: " + language.error().message, language.error().hint);
        std::size_t count = 1;
        if (equals != std::string::npos) {
            const auto parsed = parse_count("--warm", text.substr(equals + 1), most_warm);
            if (!parsed) return parsed.error();
            count = *parsed;
        }
        warm[std::string((*language)->name)] = count;
    }
    return warm;
}

/// Names of hosts, with any dot at their end left out.
Result<std::vector<std::string>> read_domains(const std::vector<std::string>& texts)
{
    constexpr std::size_t longest_domain = 190;  // with PORT-ID before it a name has 253 letters at most
    std::vector<std::string> domains;
    for (std::string domain : texts) {
        if (domain.ends_with('.')) domain.pop_back();
        const auto is_of_name = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '.'; };
        const bool is_name = !domain.empty() && domain.size() <= longest_domain && !domain.starts_with('.') &&
                             domain.find("..") == std::string::npos && std::ranges::all_of(domain, is_of_name);
        if (!is_name)
            return Error(Errc::invalid_argument,
                         fmt::format("--domain: {} is no name of a domain", texts[domains.size()]),
                         "--domain boxes.example.org");
        domains.push_back(std::move(domain));
    }
    return domains;
}

Result<Settings> read_settings(const Context& context)
{
    const Result<Configuration> configuration = context.configuration();
    if (!configuration) return configuration.error();
    Settings settings = configuration->settings;
    if (configuration->origin("limits.timeout") == "default") settings.limits.wall_ms = default_wall;
    if (const auto sound = check(settings.limits); !sound) return sound.error();
    return settings;
}

Result<daemon::DaemonOptions> read_options(const ServeOptions& options, Context& context, const Directories& own)
{
    daemon::DaemonOptions wanted;
    auto listens = read_listens(options, context, own);
    if (!listens) return listens.error();
    auto warm = read_warm(options.warm);
    if (!warm) return warm.error();
    wanted.listens = std::move(*listens);
    wanted.warm = std::move(*warm);
    auto domains = read_domains(options.domains);
    if (!domains) return domains.error();
    wanted.domains = std::move(*domains);
    wanted.host_names = options.host_names;
    wanted.allowed_origins = options.origins;
    if (!options.tls_certificate.empty()) wanted.tls = {options.tls_certificate, options.tls_key};
    wanted.remove_on_stop = options.remove_on_stop;
    wanted.notice_socket = context.environment("NOTIFY_SOCKET").value_or("");
    wanted.watchdog = daemon::watchdog_interval(context.environment("WATCHDOG_USEC").value_or(""),
                                                context.environment("WATCHDOG_PID").value_or(""));
    auto traces = daemon::trace_target(context.environment);
    if (!traces) return traces.error();
    wanted.traces = std::move(*traces);
    if (options.compat) {
        auto backend = daemon::backend_of(context.environment);
        if (!backend) return backend.error();
        wanted.backend = std::move(*backend);
    }
    wanted.log_descriptor = options.quiet ? -1 : STDERR_FILENO;
    return wanted;
}

docker::Trace count_calls(daemon::Metrics& metrics, const Context& context)
{
    return [&metrics, tell = debug_trace(context, false)](std::string_view method, std::string_view path,
                                                          unsigned status, std::chrono::microseconds duration) {
        if (tell) tell(method, path, status, duration);
        metrics.count_engine_call(method, path, status, duration);
    };
}

Result<void> serve(const ServeOptions& options, Context& context)
{
    std::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c): a client that goes away is seen by its write
    const Directories own = directories(context.environment, ::getuid());
    if (own.state.empty()) return Error(Errc::unavailable, "there is no state directory", "set HOME");
    auto settings = read_settings(context);
    if (!settings) return settings.error();
    auto wanted = read_options(options, context, own);
    if (!wanted) return wanted.error();
    auto store = Store::open(own.state, StoreOptions{});
    if (!store) return store.error();
    if (const auto& aside = (*store)->report().set_aside)
        context.say(fmt::format("{}: the store was damaged; it is {} now, and a new one was begun", context.program,
                                aside->native()));
    asio::io_context io(1);
    daemon::Metrics metrics;
    auto open = open_traced_engine(io.get_executor(), *settings, count_calls(metrics, context));
    if (!open) return open.error();
    daemon::Daemon daemon(io.get_executor(), *open->engine, open->endpoint, std::move(*settings), own,
                          std::move(*wanted), std::move(*store), metrics);
    const auto places = daemon.listen();
    if (!places) return places.error();
    // A full disk keeps nobody from being served.
    if (const auto written = DaemonProcess(own.state).write_addresses(*places); !written) context.say(written.error());
    if (!options.quiet)
        context.say(fmt::format("{}: listening on {}; Ctrl-C ends it", context.program, fmt::join(*places, " and ")));
    std::exception_ptr thrown;
    asio::co_spawn(io, daemon.run(), [&](const std::exception_ptr& e) {
        thrown = e;
        io.stop();
    });
    io.run();
    io.restart();
    io.run_for(time_to_hang_up);
    if (thrown) std::rethrow_exception(thrown);
    if (io.stopped()) return {};
    // What still waits for somebody refers to the daemon: neither may go before the other.
    context.finish();
    ::_exit(context.exit_code);
}

}  // namespace

void add_serve_flags(CLI::App& command, ServeOptions& options, Context& context)
{
    command
        .add_option("--listen", options.listens,
                    "unix:PATH or HOST:PORT, and which dialects are served there (native); repeatable (default: the "
                    "user's own socket and 127.0.0.1:8000)")
        ->type_name("[DIALECT,…=]ADDRESS")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command.add_flag("--compat", options.compat,
                     "Serve the dialects of other servers too, and listen where those do: 127.0.0.1:3000 (app), "
                     "127.0.0.1:8001 (brainnet)");
    command.add_option("--host-name", options.host_names, "Name that requests may call it by; repeatable")
        ->type_name("NAME")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command
        .add_option("--domain", options.domains,
                    "Domain under which ports of sandboxes are reached: PORT-ID.NAME; repeatable")
        ->type_name("NAME")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command.add_option("--origin", options.origins, "Origin of web pages that may use it; repeatable")
        ->type_name("ORIGIN")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command.add_option("--warm", options.warm, "Keep sandboxes of a language ready from the start; repeatable")
        ->type_name("LANGUAGE[=COUNT]")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    CLI::Option* certificate =
        command.add_option("--tls-cert", options.tls_certificate, "PEM certificate of its addresses: HTTPS")
            ->type_name("FILE");
    CLI::Option* key =
        command.add_option("--tls-key", options.tls_key, "PEM key of the certificate")->type_name("FILE");
    certificate->needs(key);
    key->needs(certificate);
    command.add_flag("--remove-on-stop", options.remove_on_stop,
                     "End its sandboxes with it, instead of leaving them to the next start");
    command.add_flag("-q,--quiet", options.quiet, "No log on stderr");
    add_config_flag(command, context);
}

void build_serve_command(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<ServeOptions>();
    add_serve_flags(command, *options, context);
    set_examples(
        command, context,
        {{"serve", "for this machine alone: no key is needed until there is one"},
         {"serve --warm python=4", "with four Python sandboxes always ready"},
         {"serve --listen 0.0.0.0:8443 --host-name build.example.org --tls-cert fullchain.pem --tls-key privkey.pem",
          "for others: they need a key"}});
    command.callback([options, &context] {
        if (const auto served = serve(*options, context); !served) context.report(served.error());
    });
}

}  // namespace sbx::cli
