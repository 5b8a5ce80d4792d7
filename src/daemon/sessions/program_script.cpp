// Code of a language that has no kernel: a program of its own in the session's sandbox, whose files stay.
#include "core/sandbox/kernel_turn.hpp"
#include "core/sandbox/session_run.hpp"
#include "daemon/executions/attend.hpp"
#include "daemon/sandboxes/session_request.hpp"
#include "daemon/sessions/session_script.hpp"

#include <fmt/format.h>

#include <csignal>

namespace sbx::daemon {
namespace {

constexpr const char* turn_name = "programs";  // of the session, which take turns as executions of a kernel do

/// One program: its file, its compilation, its run.
class ProgramScript {
   public:
    /// @param sandboxes, metrics  outlive this
    ProgramScript(const Sandboxes& sandboxes, Metrics& metrics, SessionScript script, RunRequest request)
        : sandboxes_(sandboxes), metrics_(metrics), script_(std::move(script)), request_(std::move(request))
    {
    }

    /// @error what run_script gives
    asio::awaitable<Result<ScriptEnd>> execute();
    /// Nobody waits for it any more.
    void stop();

   private:
    asio::awaitable<Result<RunResult>> work();
    asio::awaitable<Result<RunResult>> run(Phase phase, std::vector<std::string> command,
                                           std::optional<std::chrono::milliseconds> time_limit);

    const Sandboxes& sandboxes_;
    Metrics& metrics_;
    SessionScript script_;
    RunRequest request_;
    ScriptOutput output_;
    AgentLink* link_ = nullptr;  ///< while it waits for its turn
    SessionRun* run_ = nullptr;
    bool is_unwanted_ = false;
};

void ProgramScript::stop()
{
    is_unwanted_ = true;
    if (link_ != nullptr) link_->changed().notify_all();
    if (run_ != nullptr) run_->signal(SIGTERM);
}

asio::awaitable<Result<ScriptEnd>> ProgramScript::execute()
{
    const Result<Keeper::Guest> guest = Sandboxes::invite(*script_.living);
    if (!guest) co_return no_such_session();
    std::optional<std::chrono::steady_clock::time_point> patience;
    if (request_.limits.wall_ms) patience = std::chrono::steady_clock::now() + *request_.limits.wall_ms;
    KernelTurn turn(guest->link(), guest->turns(), turn_name, guest->turns().new_client());
    link_ = &guest->link();
    const Result<void> come = co_await turn.come(patience, is_unwanted_);
    link_ = nullptr;
    if (!come && come.error().code == Errc::deadline_exceeded) co_return session_is_busy();
    if (!come) co_return come.error();
    const Result<RunResult> result = co_await work();
    metrics_.count_execution(ExecutionKind::process, script_.language->name, result);
    if (!result) co_return result.error();
    co_return end_in_session(output_, result->execution, request_.limits, InterpreterFate());
}

asio::awaitable<Result<RunResult>> ProgramScript::work()
{
    const std::string_view file = script_.language->file_name;
    std::string name(file);
    const Result<void> put = co_await put_work_file(script_.living, std::move(name), std::move(script_.code));
    if (!put) co_return put.error();
    const std::optional<std::chrono::milliseconds> time_limit = request_.limits.wall_ms;
    std::vector<std::string> compile = compile_command(*script_.language, file);
    for (std::string& word : library_arguments(*script_.language, script_.libraries))
        compile.push_back(std::move(word));
    if (!compile.empty()) {
        Result<RunResult> compiled = co_await run(Phase::compile, std::move(compile), script_.compile_timeout);
        if (!compiled || compiled->execution.exit_code != 0) co_return compiled;
    }
    std::vector<std::string> command = run_file_command(*script_.language, file, {});
    co_return co_await run(Phase::run, std::move(command), time_limit);
}

asio::awaitable<Result<RunResult>> ProgramScript::run(Phase phase, std::vector<std::string> command,
                                                      std::optional<std::chrono::milliseconds> time_limit)
{
    if (is_unwanted_) co_return Error(Errc::cancelled, "nobody waits for it any more");
    Result<std::unique_ptr<Channel>> keeper = Sandboxes::connect(*script_.living);
    if (!keeper) co_return no_such_session();
    request_.command = std::move(command);
    request_.limits.wall_ms = time_limit;
    TaskIo io("", &output_);
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    SessionRun run(executor, io, sandboxes_.store(), script_.living->now(), request_);
    run_ = &run;
    Result<RunResult> result = co_await run.execute(std::move(*keeper));
    run_ = nullptr;
    if (result) result->execution.phase = phase;
    co_return result;
}

}  // namespace

asio::awaitable<Result<ScriptEnd>> run_as_program(Exchange& exchange, const Sandboxes& sandboxes, Metrics& metrics,
                                                  SessionScript script)
{
    Result<RunRequest> request = session_request(script.living->now(), {}, std::nullopt, script.caller);
    if (!request) co_return request.error();
    request->environment = merged(script.libraries.variables, std::move(request->environment));
    ProgramScript program(sandboxes, metrics, std::move(script), std::move(*request));
    std::optional<Result<ScriptEnd>> end;
    const auto work = [&]() -> asio::awaitable<void> { end.emplace(co_await program.execute()); };
    std::function<void()> stop = [&program] { program.stop(); };
    co_await attend(exchange, work(), std::move(stop));
    co_return std::move(*end);
}

}  // namespace sbx::daemon
