// Code in a session's kernel, which keeps its variables.
#include "core/sandbox/kernel_place.hpp"
#include "core/sandbox/kernel_run.hpp"
#include "core/whole_file.hpp"
#include "daemon/executions/attend.hpp"
#include "daemon/sandboxes/session_request.hpp"
#include "daemon/sessions/session_script.hpp"

#include <fmt/format.h>

#include <csignal>

namespace sbx::daemon {
namespace {

constexpr const char* context = "default";

/// Nothing is shown but tracebacks, where a script has them.
class Tracebacks : public AnswerSink {
   public:
    asio::awaitable<Result<void>> show(const KernelAnswer& answer) override
    {
        if (answer.type == KernelAnswerType::error) text_ = answer.fields["traceback"].get<std::string>();
        co_return Result<void>();
    }

    /// An exit has none: it may say something instead.
    std::string text(const KernelAnswer& done) const
    {
        std::string text = done.exit_code ? done.message : text_;
        if (!text.empty() && !text.ends_with('\n')) text += '\n';
        return text;
    }

   private:
    std::string text_;  ///< of the last error, which ended the code
};

/// The number of the process that ran the session's code last, beside the sandbox's record: a daemon that comes after
/// this one shall know too whether it is the same.
class InterpreterMark {
   public:
    InterpreterMark(const Sandboxes& sandboxes, const Living& living)
        : file_(sandboxes.store().directory_of(living.record.id) / "interpreter")
    {
    }

    /// @return whether there was another one before
    bool replace(std::uint64_t process) const
    {
        const std::string now = fmt::format("{}\n", process);
        const std::optional<std::string> before = read_whole_file(file_);
        if (before == now) return false;
        // One that cannot be written costs a line that nobody is told, not the execution.
        const Result<void> written = write_whole_file(file_, now);
        return before.has_value();
    }

   private:
    std::filesystem::path file_;
};

/// Waits for the code. Once its client has gone it is interrupted once: a second time would end the kernel.
asio::awaitable<Result<RunResult>> attend_kernel(Exchange& exchange, KernelRun& run,
                                                 asio::awaitable<Result<RunResult>> work)
{
    std::optional<Result<RunResult>> result;
    bool is_interrupted = false;
    const auto wait = [&]() -> asio::awaitable<void> { result.emplace(co_await std::move(work)); };
    std::function<void()> interrupt = [&] { is_interrupted = is_interrupted || run.signal(SIGTERM); };
    co_await attend(exchange, wait(), std::move(interrupt));
    co_return std::move(*result);
}

}  // namespace

asio::awaitable<Result<ScriptEnd>> run_in_kernel(Exchange& exchange, const Sandboxes& sandboxes, Metrics& metrics,
                                                 SessionScript script)
{
    Living& living = *script.living;
    KernelOrder order;
    auto place = kernel_place(*script.language, context);
    if (!place) co_return place.error();
    Result<RunRequest> request = session_request(living.now(), {}, std::nullopt, script.caller);
    if (!request) co_return request.error();
    const Result<KernelUse> kernel = sandboxes.kernel(living, *place);
    if (!kernel) co_return no_such_session();
    order.place = std::move(*place);
    for (const auto& [name, value] : request->environment)
        order.place.environment.push_back(fmt::format("{}={}", name, value));
    order.place.directory = request->directory;
    order.code = std::move(script.code);
    const Limits limits = request->limits;
    ScriptOutput output;
    TaskIo io("", &output);
    Tracebacks tracebacks;
    KernelRun run(io, tracebacks, sandboxes.store(), living.now(), std::move(*request), std::move(order));
    auto work = run.execute(*kernel->session);
    const Result<RunResult> result = co_await attend_kernel(exchange, run, std::move(work));
    metrics.count_execution(ExecutionKind::kernel, script.language->name, result);
    if (!result) co_return result.error();
    if (!run.end()) co_return session_is_busy();
    InterpreterFate fate;
    fate.was_lost = InterpreterMark(sandboxes, living).replace(kernel->session->process());
    if (const Result<KernelEnd>& end = *run.end()) {
        fate.has_ended = end->exit.has_value();
        if (end->done) output.add(OutputStream::err, tracebacks.text(*end->done));
    }
    co_return end_in_session(output, result->execution, limits, fate);
}

}  // namespace sbx::daemon
