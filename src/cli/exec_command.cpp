#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/next_step.hpp"
#include "cli/program_command.hpp"
#include "cli/run_environment.hpp"
#include "cli/run_options.hpp"
#include "cli/with_keeper.hpp"
#include "core/sandbox/detached.hpp"
#include "core/sandbox/identity.hpp"
#include "core/sandbox/session_run.hpp"

#include <nlohmann/json.hpp>

namespace sbx::cli {
namespace {

struct Options {
    RunOptions run;
    bool detach = false;
};

/// What was asked for: where, and what.
struct Wanted {
    SandboxRecord sandbox;
    RunRequest request;
};

/// One `sbx exec`: a program in a sandbox that lives on.
class ExecCommand : public ProgramCommand {
   public:
    using ProgramCommand::ProgramCommand;

   private:
    Result<void> prepare() override;
    asio::awaitable<Result<RunResult>> execute() override;
    std::optional<std::string> advice(const RunResult& result) const override;

    std::optional<SandboxRecord> sandbox_;
    std::optional<SandboxStore> store_;
    std::unique_ptr<Channel> keeper_;
    std::unique_ptr<SessionRun> session_;
};

/// What was typed after the sandbox; one `--` before the command belongs to us.
std::vector<std::string> command_of(const std::vector<std::string>& operands)
{
    auto first = operands.begin() + 1;
    if (first != operands.end() && *first == "--") ++first;
    return {first, operands.end()};
}

Result<Wanted> read_wanted(const Context& context, const RunOptions& options, const Settings& settings)
{
    const std::string usage = fmt::format("{} exec SANDBOX -- COMMAND", context.program);
    if (context.operands.empty() || context.operands_after_separator)
        return Error(Errc::invalid_argument, "no sandbox was named", usage);
    Source source;
    source.command = command_of(context.operands);
    if (source.command.empty()) return Error(Errc::invalid_argument, "there is no command to run", usage);
    if (source.command.front().empty()) return Error(Errc::invalid_argument, "the command is empty", usage);
    Result<SandboxRecord> sandbox = find_living(sandbox_store(context), context.operands.front());
    if (!sandbox) return sandbox.error();
    auto request = build_session_request(options, settings, source, *sandbox);
    if (!request) return request.error();
    Wanted wanted;
    wanted.sandbox = std::move(*sandbox);
    wanted.request = std::move(*request);
    return wanted;
}

Result<void> ExecCommand::prepare()
{
    const auto settings = read_settings();
    if (!settings) return settings.error();
    Result<Wanted> wanted = read_wanted(context_, options_, *settings);
    if (!wanted) return wanted.error();
    sandbox_ = std::move(wanted->sandbox);
    request_ = std::move(wanted->request);
    request_.execution_id = new_execution_id();
    request_.kept_output_bytes = wants_record() ? kept_output_bytes : 0;
    store_.emplace(sandbox_store(context_));
    Result<std::unique_ptr<Channel>> keeper = open_keeper(io_.get_executor(), context_, *store_, *sandbox_);
    if (!keeper) return keeper.error();
    keeper_ = std::move(*keeper);
    give_terminal();
    streams_ = make_streams();
    return {};
}

asio::awaitable<Result<RunResult>> ExecCommand::execute()
{
    take_terminal();
    session_ = std::make_unique<SessionRun>(io_.get_executor(), *streams_, *store_, *sandbox_, request_);
    program_ = session_.get();
    co_return co_await session_->execute(std::move(keeper_));
}

std::optional<std::string> ExecCommand::advice(const RunResult& result) const
{
    if (sandbox_->network == Network::full) return std::nullopt;
    return next_step(result.last_words, result.execution.network,
                     fmt::format("{} allow {}", context_.program, context_.operands.front()));
}

/// `-d`: started, and left alone. No limit of time or output follows it.
void start_and_leave(const RunOptions& options, Context& context)
{
    const Result<Configuration> configuration = context.configuration(options.settings);
    if (!configuration) return context.report(configuration.error());
    if (options.terminal || options.interactive || context.ndjson || !context.meta.empty())
        return context.report(Error(Errc::invalid_argument, "-d excludes -t, -i, --ndjson and --meta"));
    const Result<Wanted> wanted = read_wanted(context, options, configuration->settings);
    if (!wanted) return context.report(wanted.error());
    wire::Spawn spawn = spawn_of(wanted->request, wanted->request.command);
    spawn.input = false;
    const auto work = [&](AgentLink& link) { return start_detached(link, spawn); };
    const Result<std::uint64_t> process = with_keeper(context, sandbox_store(context), wanted->sandbox, work);
    if (!process) return context.report(process.error());
    if (context.json) return context.print_json({{"sandbox", wanted->sandbox.id}, {"process", *process}});
    context.print(fmt::format("{}\n", *process));
}

}  // namespace

void run_inside(Context& context, const RunOptions& options)
{
    ExecCommand(context, options).run();
}

void build_exec_command(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<Options>();
    // For help and manual: the operands never reach CLI11, they are in the context.
    command.add_option("SANDBOX")->description("Id, name, or beginning of an id");
    command.add_option("COMMAND")
        ->description("The program and its arguments, exactly as they are; -- may stand before it")
        ->expected(0, CLI::detail::expected_max_vector_size);
    command.add_flag("-d,--detach", options->detach, "Leave it running, and print its number for logs and wait");
    add_exec_options(command, options->run, context);
    command.positionals_at_end();
    set_examples(command, context,
                 {{"exec build -- make -j2", "a program, as if it ran here"},
                  {"exec -d build python3 -m http.server", "in the background: its end is up to it"},
                  {"exec -t build bash", "with a terminal"},
                  {"exec --json build python3 x.py | jq .exit_code", "the whole result as one object"}});
    command.callback([options, &context] {
        options->detach ? start_and_leave(options->run, context) : run_inside(context, options->run);
    });
}

}  // namespace sbx::cli
