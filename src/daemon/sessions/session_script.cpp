#include "daemon/sessions/session_script.hpp"

#include "core/sandbox/uploads.hpp"

namespace sbx::daemon {

asio::awaitable<Result<ScriptEnd>> run_script(Exchange& exchange, const Sandboxes& sandboxes, Metrics& metrics,
                                              SessionScript script)
{
    if (script.language->kernel.empty())
        co_return co_await run_as_program(exchange, sandboxes, metrics, std::move(script));
    co_return co_await run_in_kernel(exchange, sandboxes, metrics, std::move(script));
}

Result<ScriptEnd> end_in_session(const ScriptOutput& output, const Execution& execution, const Limits& limits,
                                 InterpreterFate fate)
{
    // Neither is a program's own end: its sandbox was ended, or whoever asked for it has gone.
    if (execution.reason == Reason::killed || execution.reason == Reason::lost) return no_such_session();
    return script_end(output, execution, limits, fate);
}

asio::awaitable<Result<void>> put_work_file(std::shared_ptr<Living> living, std::string name, std::string content)
{
    RunRequest request;
    request.limits = living->record.limits;
    InputFile file;
    file.target = "/work/" + name;
    file.content = std::move(content);
    request.files.push_back(std::move(file));
    std::function<asio::awaitable<Result<void>>(AgentLink&)> put = [&](AgentLink& link) {
        return put_files(link, request);
    };
    co_return co_await Sandboxes::talk<void>(living, std::move(put));
}

Error no_such_session()
{
    return {Errc::not_found, "Session not found"};
}

Error session_is_busy()
{
    return {Errc::conflict, "Session is busy"};
}

}  // namespace sbx::daemon
