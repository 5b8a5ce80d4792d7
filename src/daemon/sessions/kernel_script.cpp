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

/// What a kernel is told to do, and how long it may take.
struct KernelWork {
    RunRequest request;
    KernelOrder order;
};

Result<KernelWork> kernel_work(const SessionScript& script, std::string code)
{
    Result<KernelPlace> place = kernel_place(*script.language, context);
    if (!place) return place.error();
    Result<RunRequest> request = session_request(script.living->now(), {}, std::nullopt, script.caller);
    if (!request) return request.error();
    for (const auto& [name, value] : merged(script.libraries.variables, request->environment))
        place->environment.push_back(fmt::format("{}={}", name, value));
    place->directory = request->directory;
    KernelWork work;
    work.request = std::move(*request);
    work.order.place = std::move(*place);
    work.order.code = std::move(code);
    return work;
}

/// One execution in a session's kernel.
class KernelCell {
   public:
    KernelCell(const Sandboxes& sandboxes, const Living& living, KernelWork work)
        : limits_(work.request.limits),
          run_(io_, tracebacks_, sandboxes.store(), living.now(), std::move(work.request), std::move(work.order))
    {
    }

    /// @error conflict  it did not come to its turn
    asio::awaitable<Result<RunResult>> execute(Exchange& exchange, KernelSession& kernel);
    /// What it came to.
    /// @param was_lost  the kernel is another one than before
    Result<ScriptEnd> end(const RunResult& result, bool was_lost);

   private:
    Limits limits_;
    ScriptOutput output_;
    TaskIo io_{"", &output_};
    Tracebacks tracebacks_;
    KernelRun run_;
};

asio::awaitable<Result<RunResult>> KernelCell::execute(Exchange& exchange, KernelSession& kernel)
{
    std::optional<Result<RunResult>> result;
    bool is_interrupted = false;
    const auto work = [&]() -> asio::awaitable<void> { result.emplace(co_await run_.execute(kernel)); };
    // Once only, when the client has gone: a second time would end the kernel.
    std::function<void()> interrupt = [&] { is_interrupted = is_interrupted || run_.signal(SIGTERM); };
    co_await attend(exchange, work(), std::move(interrupt));
    if (*result && !run_.end()) co_return session_is_busy();
    co_return std::move(*result);
}

Result<ScriptEnd> KernelCell::end(const RunResult& result, bool was_lost)
{
    InterpreterFate fate;
    fate.was_lost = was_lost;
    if (const Result<KernelEnd>& told = *run_.end()) {
        fate.has_ended = told->exit.has_value();
        if (told->done) output_.add(OutputStream::err, tracebacks_.text(*told->done));
    }
    return end_in_session(output_, result.execution, limits_, fate);
}

/// Tells a kernel that may be older than the session's libraries where they are.
asio::awaitable<Result<void>> announce_libraries(Exchange& exchange, const Sandboxes& sandboxes,
                                                 const SessionScript& script, KernelSession& kernel)
{
    std::string code(announcement(*script.language));
    if (code.empty()) co_return Result<void>();
    Result<KernelWork> work = kernel_work(script, std::move(code));
    if (!work) co_return work.error();
    KernelCell cell(sandboxes, *script.living, std::move(*work));
    const Result<RunResult> result = co_await cell.execute(exchange, kernel);
    if (!result) co_return result.error();
    co_return Result<void>();
}

}  // namespace

asio::awaitable<Result<ScriptEnd>> run_in_kernel(Exchange& exchange, const Sandboxes& sandboxes, Metrics& metrics,
                                                 SessionScript script)
{
    Result<KernelWork> work = kernel_work(script, std::move(script.code));
    if (!work) co_return work.error();
    const Result<KernelUse> kernel = sandboxes.kernel(*script.living, work->order.place);
    if (!kernel) co_return no_such_session();
    if (script.names_some) {
        const Result<void> announced = co_await announce_libraries(exchange, sandboxes, script, *kernel->session);
        if (!announced) co_return announced.error();
    }
    KernelCell cell(sandboxes, *script.living, std::move(*work));
    const Result<RunResult> result = co_await cell.execute(exchange, *kernel->session);
    metrics.count_execution(ExecutionKind::kernel, script.language->name, result);
    if (!result) co_return result.error();
    const bool was_lost = InterpreterMark(sandboxes, *script.living).replace(kernel->session->process());
    co_return cell.end(*result, was_lost);
}

}  // namespace sbx::daemon
