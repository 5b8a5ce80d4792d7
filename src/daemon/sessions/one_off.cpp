// Code without a session: the same sandbox, from the pool where one waits, that native executions have.
#include "daemon/executions/attend.hpp"
#include "daemon/sessions/sessions.hpp"
#include "daemon/trace/trace_context.hpp"

namespace sbx::daemon {

asio::awaitable<Result<ScriptEnd>> Sessions::execute_once(Exchange& exchange, ScriptOrder order, Caller caller,
                                                          std::string dialect)
{
    CodeOrder wanted;
    wanted.language = std::move(order.language);
    wanted.code = std::move(order.code);
    const std::vector<std::string> libraries = order.libraries;
    wanted.libraries = std::move(order.libraries);
    wanted.limits.wall_ms = bounds_.execution;
    Result<PreparedCode> code = prepare(std::move(wanted), services_.settings, caller);
    if (!code) co_return code.error();
    Limits limits = code->request.limits;
    const std::chrono::milliseconds compile_timeout = code->request.compile_timeout;
    ScriptOutput output;
    const auto task = services_.executions.start(std::move(*code), std::move(caller), std::move(dialect), &output);
    task->trace = trace_of(exchange.head());
    std::function<void()> stop = [task] { Executions::stop(*task, true); };
    co_await attend(exchange, Executions::wait(task), std::move(stop));
    const Result<RunResult>& result = *task->result;
    if (!result && result.error().code == Errc::invalid_argument) co_return library_error(libraries, result.error());
    if (!result) co_return result.error();
    if (result->execution.phase == Phase::compile) limits.wall_ms = compile_timeout;
    co_return script_end(output, result->execution, limits, InterpreterFate());
}

}  // namespace sbx::daemon
