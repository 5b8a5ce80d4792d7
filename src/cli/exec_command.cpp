#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/program_command.hpp"
#include "cli/run_environment.hpp"
#include "cli/run_options.hpp"
#include "cli/with_keeper.hpp"
#include "core/sandbox/session_run.hpp"

#include <algorithm>

namespace sbx::cli {
namespace {

/// One `sbx exec`: a program in a sandbox that lives on.
class ExecCommand : public ProgramCommand {
   public:
    using ProgramCommand::ProgramCommand;

   private:
    Result<void> prepare() override;
    asio::awaitable<Result<RunResult>> execute() override;

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

/// The sandbox's variables, but for those that the program has its own value of.
Variables merged(Variables sandbox, Variables program)
{
    std::erase_if(sandbox, [&](const auto& variable) {
        return std::ranges::find(program, variable.first, &Variables::value_type::first) != program.end();
    });
    sandbox.insert(sandbox.end(), program.begin(), program.end());
    return sandbox;
}

Result<void> ExecCommand::prepare()
{
    const std::string usage = fmt::format("{} exec SANDBOX -- COMMAND", context_.program);
    if (context_.operands.empty() || context_.operands_after_separator)
        return Error(Errc::invalid_argument, "no sandbox was named", usage);
    Source source;
    source.command = command_of(context_.operands);
    if (source.command.empty()) return Error(Errc::invalid_argument, "there is no command to run", usage);
    if (source.command.front().empty()) return Error(Errc::invalid_argument, "the command is empty", usage);
    const auto settings = read_settings();
    if (!settings) return settings.error();
    store_.emplace(sandbox_store(context_));
    Result<SandboxRecord> sandbox = find_living(*store_, context_.operands.front());
    if (!sandbox) return sandbox.error();
    auto request = build_request(options_, *settings, source);
    if (!request) return request.error();
    request_ = std::move(*request);
    // What belongs to the sandbox was settled when it was made.
    Limits limits = sandbox->limits;
    limits.wall_ms = request_.limits.wall_ms;
    limits.grace_ms = request_.limits.grace_ms;
    limits.output_bytes = request_.limits.output_bytes;
    limits.cpu_ms = request_.limits.cpu_ms;
    request_.limits = limits;
    if (options_.work_directory.empty()) request_.directory = sandbox->directory;
    request_.environment = merged(sandbox->environment, std::move(request_.environment));
    request_.image.id = sandbox->image;
    request_.image_name = sandbox->image_name;
    request_.execution_id = new_execution_id();
    request_.kept_output_bytes = wants_record() ? kept_output_bytes : 0;
    sandbox_ = std::move(*sandbox);
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

}  // namespace

void build_exec_command(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<RunOptions>();
    // For help and manual: the operands never reach CLI11, they are in the context.
    command.add_option("SANDBOX")->description("Id, name, or beginning of an id");
    command.add_option("COMMAND")
        ->description("The program and its arguments, exactly as they are; -- may stand before it")
        ->expected(0, CLI::detail::expected_max_vector_size);
    add_exec_options(command, *options, context);
    command.positionals_at_end();
    set_examples(command, context,
                 {{"exec build -- make -j2", "a program, as if it ran here"},
                  {"exec -t build bash", "with a terminal"},
                  {"exec --json build python3 x.py | jq .exit_code", "the whole result as one object"}});
    command.callback([options, &context] { ExecCommand(context, *options).run(); });
}

}  // namespace sbx::cli
