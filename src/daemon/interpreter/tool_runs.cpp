#include "daemon/interpreter/tool_runs.hpp"

#include "core/random.hpp"
#include "daemon/api/request_json.hpp"
#include "daemon/executions/attend.hpp"
#include "daemon/interpreter/tool_names.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>

namespace sbx::daemon {
namespace {

using namespace std::chrono_literals;

constexpr auto quiet = 70ms;     // without a further call, until calls are handed out
constexpr auto patience = 300s;  // with a caller that is to go on
constexpr auto longest = 300s;   // of its own time that an execution may take
constexpr auto usual = 60s;
constexpr auto longest_in_all = 2h;                      // its callers' times included
constexpr ToolRuns::Clock::duration stop_again = 100ms;  // a program that has not begun yet takes no signal
constexpr auto cancellation_life = 60s;
constexpr std::size_t most_cancellations = 10'000;
constexpr const char* tools_place = "/tmp/.sbx-code/tools.json";
constexpr const char* failed = "Execution failed or timed out";

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::size_t token_letters = 32;

bool is_token(std::string_view text)
{
    return text.size() == token_letters && text.find_first_not_of(alphabet) == std::string_view::npos;
}

/// In the words that clients show.
std::string error_of(const InterpreterEnd& end)
{
    switch (end.reason) {
        case Reason::exited:
            return end.code.value_or(1) == 0 ? "" : fmt::format("Sandbox exited with code {}", end.code.value_or(1));
        case Reason::oom:
            return "Out of memory";
        case Reason::output_limit:
            return end.output.size() >= end.errors.size() ? "stdout length exceeded" : "stderr length exceeded";
        default:
            return failed;
    }
}

}  // namespace

struct ToolRuns::Run {
    Run(const asio::any_io_executor& executor, std::set<std::string> tools) : channel(executor, std::move(tools)) {}

    std::string token = random_text(token_letters, alphabet);
    Caller caller;
    std::shared_ptr<InterpreterRun> run;
    std::shared_ptr<Task> task;
    ToolChannel channel;
    std::set<std::string> requests;  ///< ids of all
    Clock::duration left{};          ///< of its own time
    bool is_going = false;           ///< a request waits for it
    bool is_cancelled = false;
    bool is_late = false;  ///< its time is over
    std::uint64_t stops = 0;

    bool has_stopped() const
    {
        return task->result || (!channel.pending().empty() && Clock::now() - channel.last_call() >= quiet);
    }
};

Result<void> ToolRuns::prepare(InterpreterRun& run, const ToolOrder& order, Run& made) const
{
    RunRequest& request = run.code.request;
    const bool is_bash = run.code.language->name == "bash";
    if (!is_bash && run.code.language->name != "python")
        return Error(Errc::invalid_argument, "lang: tools can be called from python and bash");
    if (const auto sound = check_tools(order.tools, is_bash); !sound) return sound;
    const std::string code = request.files.front().target;
    request.command = {"python3", is_bash ? "/.sbx/python/programmatic_bash.py" : "/.sbx/python/programmatic.py", code,
                       tools_place};
    InputFile tools;
    tools.target = tools_place;
    tools.content = order.descriptions.dump();
    request.files.push_back(std::move(tools));
    request.report_bytes = 1;  // it is read as it comes
    request.limits.wall_ms = longest_in_all;
    run.code.source = &made.channel;
    return {};
}

asio::awaitable<Result<ToolAnswer>> ToolRuns::start(Exchange& exchange, ToolOrder order, Caller caller,
                                                    std::string request_id)
{
    const std::set<std::string> names(order.tools.begin(), order.tools.end());
    auto made = std::make_shared<Run>(executor_, names);
    made->caller = caller;
    made->left = std::clamp<std::chrono::milliseconds>(order.code.timeout.value_or(usual), 1ms, longest);
    order.code.timeout.reset();
    InterpreterOrder code = order.code;
    auto run = co_await interpreter_.begin(std::move(code), caller);
    if (!run) co_return run.error();
    if (const auto prepared = prepare(**run, order, *made); !prepared) co_return prepared.error();
    made->run = *run;
    DialectPart part;
    part.on_end = [ended = std::weak_ptr(made)](Task&) {
        if (const auto still = ended.lock()) still->channel.changed().notify_all();
    };
    std::string dialect = order.dialect;
    made->task =
        executions_.start(std::move((*run)->code), caller, std::move(dialect), &made->channel, std::move(part));
    runs_[made->token] = made;
    co_return co_await go_on(exchange, std::move(made), std::move(request_id));
}

asio::awaitable<Result<ToolAnswer>> ToolRuns::resume(Exchange& exchange, std::string token,
                                                     std::vector<ToolResult> results, Caller caller,
                                                     std::string request_id)
{
    if (!is_token(token)) co_return Error(Errc::invalid_argument, "continuation_token: it is none");
    const auto at = runs_.find(token);
    const bool is_known = at != runs_.end() && owner_of(at->second->caller) == owner_of(caller);
    if (!is_known) co_return Error(Errc::not_found, "Not found");
    const std::shared_ptr<Run> run = at->second;
    if (run->is_going) co_return Error(Errc::conflict, "The execution is being continued already");
    if (const auto answered = run->channel.answer(results); !answered) co_return answered.error();
    co_return co_await go_on(exchange, run, std::move(request_id));
}

void ToolRuns::note_request(Run& run, const std::string& request_id, const Caller& caller)
{
    const auto now = Clock::now();
    std::erase_if(cancelled_, [&](const auto& entry) { return now - entry.second > cancellation_life; });
    if (request_id.empty()) return;
    run.requests.insert(request_id);
    const auto cancelled = cancelled_.find({owner_of(caller), request_id});
    if (cancelled == cancelled_.end()) return;
    cancelled_.erase(cancelled);
    run.is_cancelled = true;
}

asio::awaitable<Result<ToolAnswer>> ToolRuns::go_on(Exchange& exchange, std::shared_ptr<Run> run,
                                                    std::string request_id)
{
    run->is_going = true;
    ++run->stops;
    changed_.notify_all();  // it is asked for: see `end_unasked`
    note_request(*run, request_id, run->caller);
    std::function<void()> stop = [run] {
        run->is_cancelled = true;
        run->channel.changed().notify_all();
    };
    co_await attend(exchange, wait_for_stop(run), std::move(stop));
    Result<ToolAnswer> result = co_await answer(run);
    run->is_going = false;
    if (runs_.contains(run->token)) asio::co_spawn(executor_, end_unasked(run), asio::detached);
    co_return result;
}

/// Its own time counts here alone.
asio::awaitable<void> ToolRuns::wait_for_stop(std::shared_ptr<Run> run)
{
    while (!run->has_stopped()) {
        const bool must_end = run->is_cancelled || run->is_late || run->channel.fault();
        if (must_end) Executions::stop(*run->task, true);
        const auto before = Clock::now();
        auto deadline = before + (must_end ? stop_again : run->left);
        if (!run->channel.pending().empty()) deadline = std::min(deadline, run->channel.last_call() + quiet);
        co_await run->channel.changed().wait(deadline);
        run->left -= std::min(Clock::now() - before, run->left);
        run->is_late = run->is_late || run->left == Clock::duration::zero();
    }
}

asio::awaitable<Result<ToolAnswer>> ToolRuns::answer(std::shared_ptr<Run> run)
{
    if (!run->task->result) co_return ToolAnswer(ToolCalls{run->token, run->run->session.id, run->channel.take()});
    runs_.erase(run->token);
    Result<InterpreterEnd> end = co_await interpreter_.conclude(std::move(run->run), run->task);
    if (!end) co_return end.error();
    ToolEnd told{std::move(*end), ""};
    told.error = error_of(told.end);
    if (run->is_cancelled) told.error = failed;
    if (run->is_late) told.error = "Time limit exceeded";
    if (run->channel.fault()) told.error = *run->channel.fault();
    co_return ToolAnswer(std::move(told));
}

/// Ends one whose caller does not go on, or that was cancelled meanwhile.
asio::awaitable<void> ToolRuns::end_unasked(std::shared_ptr<Run> run)
{
    const std::uint64_t stop = run->stops;
    const auto deadline = Clock::now() + patience;
    while (run->stops == stop && !run->is_cancelled && Clock::now() < deadline) co_await changed_.wait(deadline);
    if (run->stops != stop) co_return;
    runs_.erase(run->token);
    while (!run->task->result) {
        Executions::stop(*run->task, true);
        co_await run->task->changed.wait(Clock::now() + stop_again);
    }
    (void)co_await interpreter_.conclude(std::move(run->run), run->task);
}

Result<void> ToolRuns::cancel(const std::string& request_id, const Caller& caller)
{
    for (const auto& [token, run] : runs_) {
        if (!run->requests.contains(request_id) || owner_of(run->caller) != owner_of(caller)) continue;
        run->is_cancelled = true;
        run->channel.changed().notify_all();
        changed_.notify_all();
        return {};
    }
    if (cancelled_.size() < most_cancellations) cancelled_[{owner_of(caller), request_id}] = Clock::now();
    return Error(Errc::not_found, "not_found");
}

void ToolRuns::close()
{
    for (const auto& [token, run] : runs_) run->is_cancelled = true;
    changed_.notify_all();
}

}  // namespace sbx::daemon
