// What becomes of one job: its run, in a sandbox of its own or in one that is reset, and the judgement of its output.
#include "cli/batch.hpp"
#include "cli/find_image.hpp"
#include "cli/program_command.hpp"
#include "cli/remote_order.hpp"
#include "core/config/image_preference.hpp"
#include "core/remote/remote_run.hpp"
#include "core/sandbox/agent_volume.hpp"
#include "core/sandbox/identity.hpp"
#include "core/sandbox/record_json.hpp"
#include "core/sandbox/sweep.hpp"
#include "core/with_timeout.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace sbx::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kept_for_each = 4;  // sandboxes that wait, for each run at a time
constexpr std::size_t most_said = 200;    // of a check's own program

/// A job's streams: its input is there, its output goes into the record alone.
class JobIo : public ProgramIo {
   public:
    JobIo(std::string input, std::function<void(std::string)> on_product)
        : input_(std::move(input)), on_product_(std::move(on_product))
    {
    }

    asio::awaitable<Result<void>> write(OutputStream /*stream*/, std::span<const char> /*bytes*/) override
    {
        co_return Result<void>();
    }
    asio::awaitable<Result<std::size_t>> read(std::span<char> into) override
    {
        const std::size_t size = std::min(into.size(), input_.size() - taken_);
        std::copy_n(input_.begin() + static_cast<std::ptrdiff_t>(taken_), size, into.begin());
        taken_ += size;
        co_return size;
    }
    void stop_reading() override {}
    void on_product(std::string archive) override { on_product_(std::move(archive)); }

   private:
    std::string input_;
    std::size_t taken_ = 0;
    std::function<void(std::string)> on_product_;
};

/// As it was written.
ordered_json id_of(const batch::Job& job)
{
    if (!job.id_is_number) return job.id;
    const char* const end = job.id.data() + job.id.size();
    std::int64_t number = 0;
    if (std::from_chars(job.id.data(), end, number).ec == std::errc()) return number;
    std::uint64_t large = 0;
    std::from_chars(job.id.data(), end, large);
    return large;
}

/// The fields that are the batch's own; the record's come after them.
ordered_json line_of(const batch::Job& job, const batch::Verdict& verdict)
{
    ordered_json line;
    line["id"] = id_of(job);
    line["line"] = job.line;
    line["passed"] = verdict.passed ? ordered_json(*verdict.passed) : ordered_json();
    line["difference"] = verdict.difference.empty() ? ordered_json() : ordered_json(verdict.difference);
    return line;
}

/// What was kept for the comparison is more than a record holds.
void shorten(Execution& execution)
{
    for (std::string* stream : {&execution.stdout_bytes, &execution.stderr_bytes}) {
        execution.truncated = execution.truncated || stream->size() > batch::recorded_bytes;
        stream->resize(std::min(stream->size(), batch::recorded_bytes));
    }
}

/// What a check's program says of its decision: the first line, or the last one of a traceback.
std::string words_of(const Execution& execution)
{
    const std::string& out = execution.stdout_bytes;
    if (!out.empty()) return out.substr(0, std::min(out.find('\n'), most_said));
    std::string_view err = execution.stderr_bytes;
    while (err.ends_with('\n')) err.remove_suffix(1);
    err.remove_prefix(err.rfind('\n') + 1);  // 0 where there is none
    return std::string(err.substr(0, most_said));
}

/// Whether a compilation's failure is the source's, so that it would fail again.
bool does_not_compile(const RunResult& result)
{
    const Reason reason = result.execution.reason;
    return result.execution.phase == Phase::compile && reason != Reason::killed && reason != Reason::lost;
}

}  // namespace

ordered_json Batch::error_line(const batch::Job& job, const Error& error)
{
    ordered_json line = line_of(job, {});
    line.update(error_json(error, run_exit_code(error.code)));
    return line;
}

/// @error unavailable  the engine was lost during the run, too
asio::awaitable<Result<ordered_json>> Batch::result_of(PreparedJob& prepared, Task& task)
{
    const batch::Job& job = prepared.job;
    Result<std::string> input = batch::read_content(job.input);
    if (!input) co_return input.error();
    Result<std::string> expected = batch::read_content(job.expected_output.value_or(std::string()));
    if (!expected) co_return expected.error();
    prepared.request.kept_output_bytes = batch::compared_bytes(*expected);
    Result<RunResult> result = co_await execute(prepared, *input, task);
    if (!result) co_return result.error();
    if (result->execution.reason == Reason::lost) co_return Error(Errc::unavailable, result->explanation);
    batch::Verdict verdict = batch::judge(job, *expected, result->execution);
    if (verdict.passed == true && job.check->program) {
        const Result<void> asked = co_await ask_check(job, *input, *expected, *result, verdict, task);
        if (!asked) co_return asked.error();
    }
    shorten(result->execution);
    ordered_json line = line_of(job, verdict);
    line.update(record_json(result->execution));
    co_return line;
}

/// What the daemon is asked for.
Result<nlohmann::json> Batch::order_for(const PreparedJob& prepared) const
{
    RunOptions options = options_.run;
    options.image = prepared.image;
    return remote_run_order(options, *prepared.language, prepared.libraries, prepared.request);
}

/// Gives the run an image and libraries, or knows what the daemon shall give it.
asio::awaitable<Result<void>> Batch::find_place(PreparedJob& prepared)
{
    RunRequest& request = prepared.request;
    if (daemon_) {
        identify(request, cli_instance, *prepared.language, options_.run.preload);
        Result<nlohmann::json> order = order_for(prepared);
        if (!order) co_return order.error();
        prepared.order = std::move(*order);
        request.image.id = prepared.order.dump();  // equal orders get equal images
        co_return Result<void>();
    }
    const Result<ChosenImage> image = co_await image_for(*prepared.language, prepared.image);
    if (!image) co_return image.error();
    request.image = image->info;
    request.image_name = image->reference;
    identify(request, cli_instance, *prepared.language, options_.run.preload);
    co_return co_await equip(prepared, *image);
}

asio::awaitable<Result<RunResult>> Batch::execute(PreparedJob& prepared, std::string input, Task& task)
{
    RunRequest& request = prepared.request;
    const Result<void> placed = co_await find_place(prepared);
    if (!placed) co_return placed.error();
    const std::string key = batch::compilation_key(request);
    batch::Compilations::Turn turn;
    if (!key.empty()) turn = co_await compilations_.take(key);
    if (turn.failure) co_return *turn.failure;
    if (turn.product) request.compile.clear();
    request.product = turn.product;
    request.keep_product = turn.compiles;
    JobIo io(std::move(input), [&](std::string archive) { compilations_.made(key, std::move(archive)); });
    const bool reuses = options_.reuse == "reset" && ReusedSandbox::serves(request);
    auto executing = daemon_  ? execute_there(prepared, io, task)
                     : reuses ? execute_reusing(request, io, task)
                              : execute_alone(request, io, task);
    Result<RunResult> result = co_await std::move(executing);
    if (result) result->execution.execution_id = request.execution_id;
    if (result && !daemon_) {
        result->execution.image = request.image_name;
        result->execution.image_digest = request.image.id;
    }
    if (turn.compiles && result && does_not_compile(*result)) compilations_.failed(key, *result);
    if (turn.compiles) compilations_.gave_up(key);
    co_return result;
}

/// Gives the run its libraries.
asio::awaitable<Result<void>> Batch::equip(PreparedJob& prepared, ChosenImage image)
{
    if (prepared.libraries.empty() && prepared.libraries.python.empty()) co_return Result<void>();
    InstallPolicy policy = install_policy(jobs_->settings(), options_.run.libraries, context_.environment);
    policy.upgrade = policy.upgrade && upgraded_.insert(prepared.libraries.requirements).second;  // once is enough
    Directories own = directories(context_.environment, ::getuid());
    const auto libraries = co_await get_libraries(open_, prepared.libraries, std::move(policy), std::move(image),
                                                  std::move(own), progress_.sink());
    if (!libraries) co_return libraries.error();
    if (*libraries) use_libraries(prepared.request, prepared.libraries, **libraries);
    co_return Result<void>();
}

asio::awaitable<Result<RunResult>> Batch::execute_alone(const RunRequest& request, ProgramIo& io, Task& task)
{
    const Directories own = directories(context_.environment, ::getuid());
    StandbyStore standbys(own.state);
    Run run(io_.get_executor(), *open_.engine, io, request, open_.endpoint, standbys, own.cache);
    task.run = &run;
    Result<RunResult> result = co_await run.execute();
    task.run = nullptr;
    co_return result;
}

asio::awaitable<Result<RunResult>> Batch::execute_there(const PreparedJob& prepared, ProgramIo& io, Task& task)
{
    RemoteRun run(io_.get_executor(), *daemon_, io, prepared.request, prepared.order);
    task.run = &run;
    Result<RunResult> result = co_await run.execute();
    task.run = nullptr;
    co_return result;
}

/// In a sandbox that earlier runs have had, where one is fit.
asio::awaitable<Result<RunResult>> Batch::execute_reusing(const RunRequest& request, ProgramIo& io, Task& task)
{
    const std::string key = reuse_key(request, open_.endpoint);
    std::exception_ptr thrown;
    std::optional<Result<RunResult>> result;
    while (!result && !thrown) {
        task.sandbox = co_await take_idle(key);
        Result<void> there;
        try {
            if (!task.sandbox) there = co_await open_reused(request, task);
            if (there) result = co_await task.sandbox->run(request, io);
        } catch (...) {
            thrown = std::current_exception();  // a catch block cannot co_await
        }
        if (!there) result = there.error();
        if (task.sandbox) co_await keep(key, std::exchange(task.sandbox, nullptr));
    }
    if (thrown) std::rethrow_exception(thrown);
    co_return std::move(*result);
}

asio::awaitable<Result<void>> Batch::open_reused(const RunRequest& request, Task& task)
{
    const Result<const wire::AgentImage*> agent = check_image(request.image, request.image_name);
    if (!agent) co_return agent.error();
    const Directories own = directories(context_.environment, ::getuid());
    for (const bool refill : {false, true}) {
        const Result<Mount> volume =
            co_await ensure_agent_volume(*open_.engine, open_.endpoint, **agent, request.image.id, own.cache, refill);
        if (!volume) co_return volume.error();
        task.sandbox = std::make_shared<ReusedSandbox>(io_.get_executor(), *open_.engine, request);
        const Result<void> opened = co_await task.sandbox->open(*volume);
        const auto sandbox = opened ? nullptr : std::exchange(task.sandbox, nullptr);
        if (sandbox) co_await sandbox->close();
        if (opened || !is_agent_missing(opened.error()) || refill) co_return opened;
    }
    co_return Result<void>();
}

/// One that has died meanwhile is of no use.
asio::awaitable<std::shared_ptr<ReusedSandbox>> Batch::take_idle(std::string key)
{
    for (;;) {
        const auto at = std::ranges::find_if(idle_, [&](const Idle& idle) { return idle.key == key; });
        if (at == idle_.end()) co_return nullptr;
        auto sandbox = std::move(at->sandbox);
        idle_.erase(at);
        if (sandbox->is_fit()) co_return sandbox;
        co_await sandbox->close();
    }
}

asio::awaitable<void> Batch::keep(std::string key, std::shared_ptr<ReusedSandbox> sandbox)
{
    if (stopping_ || !sandbox->is_fit()) co_return co_await sandbox->close();
    idle_.push_back({std::move(key), std::move(sandbox)});
    co_await close_idle(kept_for_each * most_parallel());
}

asio::awaitable<void> Batch::close_idle(std::size_t most)
{
    while (idle_.size() > most) {
        auto sandbox = std::move(idle_.front().sandbox);
        idle_.pop_front();
        co_await sandbox->close();
    }
}

/// @error invalid_argument  the check's program came to no decision
asio::awaitable<Result<void>> Batch::ask_check(const batch::Job& job, const std::string& input,
                                               const std::string& expected, const RunResult& result,
                                               batch::Verdict& verdict, Task& task)
{
    auto prepared = jobs_->prepare_check(*job.check->program, input, expected, result.execution.stdout_bytes);
    if (!prepared) co_return prepared.error();
    prepared->request.kept_output_bytes = batch::recorded_bytes;
    const Result<RunResult> done = co_await execute(*prepared, std::string(), task);
    if (!done) co_return Error(done.error().code, "check: " + done.error().message, done.error().hint);
    const Execution& execution = done->execution;
    const std::string said = words_of(execution);
    const bool decided = execution.phase == Phase::run && execution.reason == Reason::exited;
    if (!decided || execution.exit_code > 1)
        co_return Error(Errc::invalid_argument,
                        fmt::format("the check's program came to no decision (exit code {}): {}",
                                    execution.exit_code.value_or(-1), said),
                        "it exits with 0 where the output is right, and with 1 where it is wrong");
    if (execution.exit_code == 0) co_return Result<void>();
    verdict.passed = false;
    verdict.difference = said.empty() ? "the check's program says no" : said;
    co_return Result<void>();
}

/// Chosen once; whoever wants the same one meanwhile waits.
asio::awaitable<Result<ChosenImage>> Batch::image_for(const Language& language, std::optional<std::string> named)
{
    const std::string key = fmt::format("{} {}", language.name, named.value_or(""));
    while (images_.contains(key) && !images_[key]) co_await changed_.wait(std::nullopt);
    if (images_[key]) co_return *images_[key];
    ImageWish wish{image_preference(language, jobs_->settings()), "", jobs_->settings().pull_timeout};
    if (named)
        wish.preference.configured = *named;
    else
        wish.dockerfile = options_.run.dockerfile;
    Result<ChosenImage> image = co_await find_image(open_, language, std::move(wish), progress_.sink());
    images_[key] = image;
    changed_.notify_all();
    co_return image;
}

}  // namespace sbx::cli
