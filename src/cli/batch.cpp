#include "cli/batch.hpp"

#include "cli/remote.hpp"
#include "core/sandbox/sweep.hpp"

#include <boost/asio.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <nlohmann/json.hpp>

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>

namespace sbx::cli {
namespace {

using namespace std::chrono_literals;
using nlohmann::ordered_json;

constexpr std::uint64_t room_for_products = std::uint64_t{128} << 20;
constexpr unsigned highest_parallel = 256;
constexpr auto patience_for_reader = 300ms;  // after an interruption
constexpr auto patience_for_daemon = 10s;

/// Those that this process may use.
unsigned cores()
{
    cpu_set_t set;
    CPU_ZERO(&set);
    return ::sched_getaffinity(0, sizeof set, &set) == 0 ? static_cast<unsigned>(std::max(CPU_COUNT(&set), 1)) : 1;
}

}  // namespace

Batch::Batch(Context& context, const BatchOptions& options)
    : context_(context),
      options_(options),
      signals_(io_),
      standard_(io_.get_executor(), true),
      results_(io_.get_executor(), standard_),
      progress_(context, options.run.quiet),
      compilations_(io_.get_executor(), room_for_products),
      changed_(io_.get_executor())
{
}

void Batch::run()
{
    std::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c): a reader that goes away is seen by its write
    if (const auto prepared = prepare(); !prepared) return context_.report(prepared.error());
    std::optional<Result<void>> result;
    asio::co_spawn(io_, watch_signals(), asio::detached);
    asio::co_spawn(io_, work(), [&](const std::exception_ptr& thrown, Result<void> value) {
        result.emplace(thrown ? Result<void>(Error(Errc::internal, "an unexpected failure", "please report it"))
                              : std::move(value));
        io_.stop();
    });
    io_.run();
    finish(result.value_or(Result<void>()));
    if (!result) leave_now();
}

/// Interrupted while whoever gets the results does not take them: a thread waits for that, and for us to wait for it
/// too would be too long.
void Batch::leave_now()
{
    results_.drop_report();
    std::fflush(nullptr);
    std::_Exit(context_.exit_code);
}

// ---- before anything runs

Result<void> Batch::prepare()
{
    auto configuration = context_.configuration(options_.run.settings);
    if (!configuration) return configuration.error();
    auto check = batch::parse_check(options_.check);
    if (!check) return Error(check.error().code, "--" + check.error().message, check.error().hint);
    jobs_.emplace(options_.run, std::move(*configuration), std::move(*check));
    if (options_.parallel && (*options_.parallel == 0 || *options_.parallel > highest_parallel))
        return Error(Errc::invalid_argument,
                     fmt::format("-j: {} is not from 1 to {}", *options_.parallel, highest_parallel), "-j 4");
    if (options_.reuse != "none" && options_.reuse != "reset")
        return Error(Errc::invalid_argument, fmt::format("--reuse: '{}' is neither none nor reset", options_.reuse),
                     "--reuse reset");
    if (options_.reuse == "reset" && daemon_host(context_))
        return Error(Errc::invalid_argument, "--reuse: a daemon gives each sandbox once", "--direct");
    if (!options_.results.empty() && !options_.resume.empty())
        return Error(Errc::invalid_argument, "--results and --resume exclude each other",
                     "--resume FILE alone writes into FILE too");
    if (const auto opened = input_.open(options_.jobs); !opened) return opened.error();
    ResultPlaces places;
    places.resumes = !options_.resume.empty();
    places.file = places.resumes ? options_.resume : options_.results;
    places.in_order = options_.ordered;
    places.junit = options_.junit;
    places.suite = options_.jobs == "-" ? "stdin" : options_.jobs;
    for (const std::string* path : {&places.file, &places.junit})
        if (!path->empty() && input_.is_same_file(*path))
            return Error(Errc::invalid_argument, fmt::format("{} is where the jobs come from", *path),
                         "name another file for the results");
    if (const auto sound = look_through(); !sound) return sound;
    if (const auto opened = open(); !opened) return opened;
    return results_.open(places);
}

/// The daemon that was named, or this machine's engine.
Result<void> Batch::open()
{
    if (const auto host = daemon_host(context_)) {
        auto address = daemon_address(context_, *host);
        if (!address) return address.error();
        daemon_ = std::make_unique<DaemonClient>(io_.get_executor(), std::move(*address));
        return {};
    }
    auto open = open_engine(io_.get_executor(), context_, jobs_->settings(), options_.run.debug);
    if (!open) return open.error();
    open_ = std::move(*open);
    return {};
}

/// Of a file: nothing runs when one of its lines is wrong.
Result<void> Batch::look_through()
{
    if (!input_.is_file()) return {};
    std::uint64_t count = 0;
    for (;;) {
        const auto line = input_.next();
        if (!line) return line.error();
        if (!*line) break;
        const auto job = jobs_->prepare(**line);
        if (!job) return at(**line, job.error());
        if (daemon_host(context_))
            if (const auto order = order_for(*job); !order) return at(**line, order.error());
        if (const auto known = know(job->job); !known) return at(**line, known.error());
        ++count;
    }
    lines_.clear();
    results_.expect(count);
    input_.rewind();
    return {};
}

Result<void> Batch::know(const batch::Job& job)
{
    const auto [at, is_new] = lines_.emplace(job.id, job.line);
    if (is_new) return {};
    return Error(Errc::invalid_argument, fmt::format("the id '{}' is that of line {} too", job.id, at->second),
                 "each job has an id of its own, or none");
}

Error Batch::at(const batch::Line& line, const Error& error) const
{
    const std::string name = options_.jobs == "-" ? "stdin" : options_.jobs;
    return {Errc::invalid_argument, fmt::format("{}:{}: {}", name, line.number, error.message), error.hint};
}

// ---- the runs

asio::awaitable<Result<void>> Batch::work()
{
    using namespace asio::experimental::awaitable_operators;
    const auto start = [this]() -> asio::awaitable<void> {
        const Result<void> started = co_await start_jobs();
        if (!started) give_up(started.error());
        while (!running_.empty()) co_await changed_.wait(std::nullopt);
        results_.end();
        co_await close_idle(0);
        std::optional<Condition::TimePoint> deadline;
        while (!all_written_) {
            const auto now = std::chrono::steady_clock::now();
            if (interrupted_by_ != 0 && !deadline) deadline = now + patience_for_reader;
            if (deadline && now >= *deadline) io_.stop();
            co_await changed_.wait(deadline);
        }
    };
    const auto write = [this]() -> asio::awaitable<void> {
        const Result<void> written = co_await results_.write_all();
        if (!written) give_up(written.error());
        all_written_ = true;
        changed_.notify_all();
    };
    const Directories own = directories(context_.environment, ::getuid());
    if (!daemon_) asio::co_spawn(io_, sweep_now_and_then(*open_.engine, own.cache), asio::detached);
    if (!options_.run.quiet && context_.err_is_terminal())
        asio::co_spawn(io_, results_.show_progress(progress_), asio::detached);
    co_await (start() && write());
    progress_.clear();
    if (failure_) co_return *failure_;
    co_return results_.finish_report();
}

asio::awaitable<Result<void>> Batch::start_jobs()
{
    for (;;) {
        while (running_.size() >= most_parallel() && !stopping_) co_await changed_.wait(std::nullopt);
        co_await results_.wait_for_room(started_);
        if (stopping_) co_return Result<void>();
        const Result<std::optional<batch::Line>> line = co_await input_.next(standard_);
        if (!line) co_return line.error();
        if (!*line || stopping_) co_return Result<void>();
        batch::Line text = **line;
        Result<PreparedJob> job = jobs_->prepare(text);
        Result<void> known = job ? know(job->job) : Result<void>(job.error());
        if (job && results_.has(job->job.id)) continue;
        if (known) {
            start(std::move(*job));
            continue;
        }
        batch::Job nameless;
        nameless.id = job ? job->job.id : std::to_string(text.number);
        nameless.id_is_number = !job || job->job.id_is_number;
        nameless.line = text.number;
        results_.put(started_++, error_line(nameless, at(text, known.error())));
    }
}

std::size_t Batch::most_parallel() const
{
    return options_.parallel.value_or(cores());
}

void Batch::start(PreparedJob job)
{
    Task& task = running_.emplace_back();
    auto ended = [this, &task](const std::exception_ptr& thrown) {
        if (thrown && !stopping_) give_up(Error(Errc::internal, "an unexpected failure", "please report it"));
        running_.remove_if([&](const Task& other) { return &other == &task; });
        changed_.notify_all();
    };
    const std::uint64_t number = started_++;
    asio::co_spawn(io_, run_job(std::move(job), number, task), asio::bind_cancellation_slot(task.cancel.slot(), ended));
}

asio::awaitable<void> Batch::run_job(PreparedJob job, std::uint64_t number, Task& task)
{
    Result<ordered_json> line = co_await result_of(job, task);
    if (stopping_) co_return;
    if (!line && line.error().code == Errc::unavailable) {
        // One sandbox may fail; without an engine or daemon all will, and there is nothing to be said of the jobs.
        const Result<void> there = co_await check_place();
        if (!there) co_return give_up(there.error());
    }
    results_.put(number, line ? *line : error_line(job.job, line.error()));
}

asio::awaitable<Result<void>> Batch::check_place()
{
    if (daemon_) {
        const auto answer =
            co_await daemon_->call(docker::http::verb::get, "/v1/version", nullptr, patience_for_daemon);
        co_return answer ? Result<void>() : answer.error();
    }
    const Result<EngineInfo> info = co_await open_.engine->probe();
    co_return info ? Result<void>() : info.error();
}

// ---- the ends

asio::awaitable<void> Batch::watch_signals()
{
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT}) {
        struct sigaction inherited {};
        ::sigaction(signal, nullptr, &inherited);
        if (inherited.sa_handler != SIG_IGN) signals_.add(signal);  // `nohup` stays as it is
    }
    for (;;) {
        boost::system::error_code failed;
        const int signal = co_await signals_.async_wait(asio::redirect_error(asio::use_awaitable, failed));
        if (failed) co_return;
        if (signal == SIGTSTP) co_await pause();
        if (signal == SIGTSTP || signal == SIGCONT) continue;
        if (interrupted_by_ != 0) std::_Exit(128 + signal);  // the sandboxes end with us
        interrupted_by_ = signal;
        stop();
    }
}

/// The sandboxes must not take our silence for our death.
asio::awaitable<void> Batch::pause()
{
    for (Task& task : running_) {
        if (task.run) task.run->stopping();
        if (task.sandbox) task.sandbox->stopping();
    }
    for (Idle& idle : idle_) idle.sandbox->stopping();
    asio::steady_timer sent(io_, 20ms);
    co_await sent.async_wait(asio::use_awaitable);
    ::raise(SIGSTOP);
    for (Task& task : running_) {
        if (task.run) task.run->continued();
        if (task.sandbox) task.sandbox->continued();
    }
    for (Idle& idle : idle_) idle.sandbox->continued();
}

void Batch::give_up(const Error& why)
{
    failure_ = failure_.value_or(why);
    stop();
}

/// Ends all that runs; its sandboxes are removed before it has ended.
void Batch::stop()
{
    stopping_ = true;
    standard_.stop_reading();
    results_.stop_starting();
    for (Task& task : running_) task.cancel.emit(asio::cancellation_type::terminal);
    changed_.notify_all();
}

void Batch::finish(const Result<void>& done)
{
    progress_.clear();
    if (interrupted_by_ != 0) {
        context_.exit_code = 128 + interrupted_by_;
    } else if (!done && done.error().code == Errc::cancelled) {
        context_.exit_code = 128 + SIGPIPE;  // the reader is gone: as quietly as any program
        return;
    } else if (!done) {
        context_.report(done.error());
    } else {
        context_.exit_code = results_.all_well() ? 0 : 1;
    }
    if (options_.run.quiet) return;
    context_.say(
        fmt::format("{}: {}{}", context_.program, interrupted_by_ != 0 ? "interrupted: " : "", results_.summary()));
}

}  // namespace sbx::cli
