#include "core/sandbox/detached.hpp"
#include "core/sandbox/program_session.hpp"
#include "core/sandbox/session_run.hpp"
#include "daemon/dialects/colima/colima.hpp"
#include "daemon/dialects/colima/request_types.hpp"
#include "daemon/executions/attend.hpp"
#include "daemon/sandboxes/process_feed.hpp"
#include "daemon/sandboxes/session_request.hpp"
#include "daemon/sessions/script_end.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include <array>

namespace sbx::daemon::colima {
// Types that requests and answers are made of: they have names for templates of other files.

struct RunColimaCommand {
    std::string sandbox_id;
    std::string cmd;
    TimeLimit timeout;
    std::optional<PathInSandbox> cwd;
    Variables envs;
};
BOOST_DESCRIBE_STRUCT(RunColimaCommand, (), (sandbox_id, cmd, timeout, cwd, envs))

constexpr auto fields_of(const RunColimaCommand* /*type*/)
{
    return std::to_array<Field>({
        {.name = "cmd",
         .description = "For /bin/bash",
         .required = true,
         .max_length = 100 << 10,
         .example = R"("python script.py")"},
        {.name = "timeout", .description = "In seconds (60); null: as long as may be"},
        {.name = "cwd", .description = "Where it starts (/home/user)"},
        {.name = "envs", .description = "Beside those of the sandbox"},
    });
}

struct CommandsOfColima {
    std::string sandbox_id;
};
BOOST_DESCRIBE_STRUCT(CommandsOfColima, (), (sandbox_id))

struct CommandOfColima {
    std::string sandbox_id;
    std::uint64_t pid = 0;
};
BOOST_DESCRIBE_STRUCT(CommandOfColima, (), (sandbox_id, pid))

struct ColimaCommandDone {
    std::string stdout;
    std::string stderr;
    int exit_code = 0;
    std::optional<std::string> error;  ///< why it was ended
};
BOOST_DESCRIBE_STRUCT(ColimaCommandDone, (), (stdout, stderr, exit_code, error))

struct ColimaCommandStarted {
    std::uint64_t pid = 0;
    std::string cmd;
    std::string sandbox_id;
};
BOOST_DESCRIBE_STRUCT(ColimaCommandStarted, (), (pid, cmd, sandbox_id))

struct ColimaCommand {
    std::uint64_t pid = 0;
    std::string cmd;
    std::string state = "running";
    std::string started_at;
};
BOOST_DESCRIBE_STRUCT(ColimaCommand, (), (pid, cmd, state, started_at))

struct ColimaCommandKilled {
    bool success = true;
    std::uint64_t pid = 0;
};
BOOST_DESCRIBE_STRUCT(ColimaCommandKilled, (), (success, pid))

namespace {

using namespace std::chrono_literals;

constexpr auto longest_command = 10min;  // that somebody waits for
constexpr auto patience_for_death = 5s;
constexpr auto kill_again = 100ms;          // it may not be attached yet
constexpr const char* grace_seconds = "2";  // between the polite signal and the kill
constexpr unsigned request_timeout = 408;

double seconds(std::chrono::milliseconds time)
{
    return std::chrono::duration<double>(time).count();
}

std::vector<std::string> shell_command(std::string cmd)
{
    return {"/bin/bash", "-c", std::move(cmd)};
}

/// What was asked to be run, of a program's words: ours around it are left out.
std::string asked_for(const std::vector<std::string>& words)
{
    const bool is_of_shell =
        words.size() >= 3 && words[words.size() - 3] == "/bin/bash" && words[words.size() - 2] == "-c";
    return is_of_shell ? words.back() : fmt::format("{}", fmt::join(words, " "));
}

Error no_process(std::uint64_t pid)
{
    return {Errc::not_found, fmt::format("Process {} not found", pid)};
}

/// What the sandbox says of a command that cannot be started.
Error told(const Error& error, const std::string& directory)
{
    if (error.code == Errc::invalid_argument) return {Errc::not_found, "Directory not found: " + directory};
    if (error.code == Errc::not_found) return {Errc::unavailable, error.message};
    return error;
}

/// The time of a command being over is the client's own limit.
class CommandErrors : public ColimaErrors {
   public:
    Response answer(const Error& error, const std::string& request_id) const override
    {
        Response response = ColimaErrors::answer(error, request_id);
        if (error.code == Errc::deadline_exceeded) response.status = request_timeout;
        return response;
    }
    using ColimaErrors::answer;
};

/// Commands of sandboxes over HTTP.
class CommandRoutes {
   public:
    CommandRoutes(const Services& services, std::shared_ptr<ProcessFeeds> feeds)
        : services_(services), feeds_(std::move(feeds))
    {
    }

    asio::awaitable<Result<ColimaCommandDone>> run(Call& call, RunColimaCommand request);
    asio::awaitable<Result<ColimaCommandStarted>> start(Call& call, RunColimaCommand request);
    asio::awaitable<Result<std::vector<ColimaCommand>>> list(Call& call, CommandsOfColima request);
    asio::awaitable<Result<ColimaCommandKilled>> kill(Call& call, CommandOfColima request);

   private:
    using Found = std::vector<wire::ProcessInfo>;
    Result<RunRequest> wanted_run(const RunColimaCommand& request, const Living& living, const Caller& caller) const;
    static asio::awaitable<Result<Found>> running(std::shared_ptr<Living> living);

    Services services_;
    std::shared_ptr<ProcessFeeds> feeds_;
};

Result<RunRequest> CommandRoutes::wanted_run(const RunColimaCommand& request, const Living& living,
                                             const Caller& caller) const
{
    if (request.cmd.empty() || request.cmd.find('\0') != std::string::npos)
        return Error(Errc::invalid_argument, "cmd: it is empty, or holds a NUL");
    Result<RunRequest> wanted = session_request(
        living.now(), request.envs.texts,
        std::min<std::chrono::milliseconds>(request.timeout.time.value_or(longest_command), longest_command), caller);
    if (!wanted) return wanted;
    wanted->command = shell_command(request.cmd);
    if (request.cwd) wanted->directory = request.cwd->text;
    return wanted;
}

asio::awaitable<Result<ColimaCommandDone>> CommandRoutes::run(Call& call, RunColimaCommand request)
{
    const auto living = find_running(services_, request.sandbox_id, call.caller);
    if (!living) co_return living.error();
    Result<RunRequest> wanted = wanted_run(request, **living, call.caller);
    if (!wanted) co_return wanted.error();
    Result<std::unique_ptr<Channel>> channel = Sandboxes::connect(**living);
    if (!channel) co_return channel.error();
    const std::string directory = wanted->directory;
    const Limits limits = wanted->limits;
    ScriptOutput output;
    TaskIo io("", &output);
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    SessionRun run(executor, io, services_.sandboxes.store(), (*living)->now(), std::move(*wanted));
    const Result<RunResult> result = co_await attend(call.exchange, run, run.execute(std::move(*channel)));
    services_.metrics.count_execution(ExecutionKind::process, "", result);
    if (!result) co_return told(result.error(), directory);
    if (result->execution.reason == Reason::timeout)
        co_return Error(Errc::deadline_exceeded,
                        fmt::format("Command timed out after {:g} seconds", seconds(*limits.wall_ms)));
    ScriptEnd end = script_end(output, result->execution, limits, InterpreterFate());
    ColimaCommandDone done;
    done.stdout = std::move(end.output);
    done.stderr = std::move(end.errors);
    done.exit_code = end.exit_code;
    const std::string why = reason_line(result->execution, limits);
    if (!why.empty()) done.error = why;
    co_return done;
}

/// Its time is the sandbox's to watch, so that it is over in time though the daemon ends before.
asio::awaitable<Result<ColimaCommandStarted>> CommandRoutes::start(Call& call, RunColimaCommand request)
{
    const auto living = find_running(services_, request.sandbox_id, call.caller);
    if (!living) co_return living.error();
    const Result<RunRequest> wanted = wanted_run(request, **living, call.caller);
    if (!wanted) co_return wanted.error();
    std::vector<std::string> command = wanted->command;
    if (request.timeout.time) {
        const std::string time = fmt::format("{:g}", seconds(*request.timeout.time));
        command.insert(command.begin(), {"timeout", "-k", grace_seconds, time});
    }
    wire::Spawn spawn = spawn_of(*wanted, command);
    spawn.input = false;
    std::function<asio::awaitable<Result<std::uint64_t>>(AgentLink&)> work = [&](AgentLink& link) {
        return start_detached(link, spawn);
    };
    const Result<std::uint64_t> process = co_await Sandboxes::talk<std::uint64_t>(*living, std::move(work));
    if (!process) co_return told(process.error(), wanted->directory);
    ColimaCommandStarted started;
    started.pid = *process;
    started.cmd = std::move(request.cmd);
    started.sandbox_id = std::move(request.sandbox_id);
    co_return started;
}

asio::awaitable<Result<CommandRoutes::Found>> CommandRoutes::running(std::shared_ptr<Living> living)
{
    std::function<asio::awaitable<Result<Found>>(AgentLink&)> work = [](AgentLink& link) {
        return list_processes(link);
    };
    Result<Found> found = co_await Sandboxes::talk<Found>(std::move(living), std::move(work));
    if (found) std::erase_if(*found, [](const wire::ProcessInfo& info) { return !info.running; });
    co_return found;
}

asio::awaitable<Result<std::vector<ColimaCommand>>> CommandRoutes::list(Call& call, CommandsOfColima request)
{
    const auto living = find_running(services_, request.sandbox_id, call.caller);
    if (!living) co_return living.error();
    const Result<Found> found = co_await running(*living);
    if (!found) co_return found.error();
    std::vector<ColimaCommand> commands;
    for (const wire::ProcessInfo& info : *found) {
        ColimaCommand& command = commands.emplace_back();
        command.pid = info.process;
        command.cmd = asked_for(info.argv);
        command.started_at = time_text(std::chrono::milliseconds(info.start_ms));
    }
    co_return commands;
}

asio::awaitable<Result<ColimaCommandKilled>> CommandRoutes::kill(Call& call, CommandOfColima request)
{
    using namespace asio::experimental::awaitable_operators;
    const auto living = find_running(services_, request.sandbox_id, call.caller);
    if (!living) co_return living.error();
    const Result<Found> found = co_await running(*living);
    if (!found) co_return found.error();
    if (std::ranges::find(*found, request.pid, &wire::ProcessInfo::process) == found->end())
        co_return no_process(request.pid);
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const auto feed = feeds_->open(executor, *living, request.pid);
    bool is_enough = false;
    ProcessFeed::Reader reader(feed);  // it ends after its output
    const auto drain = [&]() -> asio::awaitable<void> {
        std::optional<ProcessFeed::Piece> piece(std::in_place);
        while (piece) piece = co_await reader.next(is_enough);
    };
    const auto end = [&]() -> asio::awaitable<void> {
        const auto until = std::chrono::steady_clock::now() + patience_for_death;
        while (!feed->end() && std::chrono::steady_clock::now() < until) {
            feed->kill();
            co_await feed->wait(kill_again);
        }
        is_enough = true;
        feed->notify();
    };
    co_await (drain() && end());
    ColimaCommandKilled killed;
    killed.pid = request.pid;
    co_return killed;
}

template <class Request, class Answer>
Route& add(Routes& routes, http::verb method, std::string pattern, RouteText text,
           const std::shared_ptr<CommandRoutes>& subject,
           asio::awaitable<Result<Answer>> (CommandRoutes::*handler)(Call&, Request))
{
    text.tag = "commands";
    return routes.add<Request, Answer>(
        method, std::move(pattern), std::move(text),
        [subject, handler](Call& call, Request request) { return ((*subject).*handler)(call, std::move(request)); });
}

}  // namespace

void add_command_routes(Routes& routes, const Services& services, std::shared_ptr<ProcessFeeds> feeds)
{
    const auto subject = std::make_shared<CommandRoutes>(services, std::move(feeds));
    const std::string base = "/sandboxes/{sandbox_id}/commands/";
    const std::vector<Errc> errors{Errc::not_found, Errc::conflict};
    RouteText text{.summary = "Run a command, and wait for its end", .errors = errors};
    text.others.push_back({request_timeout, "The command's time was over"});
    Route& run = add(routes, http::verb::post, base + "run", std::move(text), subject, &CommandRoutes::run);
    run.errors = std::make_shared<CommandErrors>();
    add(routes, http::verb::post, base + "run/background",
        {.summary = "Run a command in the background",
         .errors = {Errc::not_found, Errc::conflict, Errc::resource_exhausted}},
        subject, &CommandRoutes::start);
    add(routes, http::verb::get, base, {.summary = "List the commands in the background", .errors = errors}, subject,
        &CommandRoutes::list);
    add(routes, http::verb::delete_, base + "{pid}", {.summary = "Kill a command in the background", .errors = errors},
        subject, &CommandRoutes::kill);
}

}  // namespace sbx::daemon::colima
