#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/sandbox_view.hpp"
#include "cli/shared_flags.hpp"
#include "cli/table.hpp"
#include "cli/with_keeper.hpp"
#include "core/sandbox/measurement.hpp"
#include "core/with_timeout.hpp"
#include "sbx/quantity.hpp"

#include <unistd.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <csignal>

namespace sbx::cli {
namespace {

using namespace std::chrono_literals;
using nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

constexpr auto first_period = 200ms;  // long enough to tell a share of the processor
constexpr auto period = 1s;
constexpr auto patience = 5s;
constexpr const char* clear_screen = "\x1b[H\x1b[2J";

struct Options {
    std::vector<std::string> names;
    bool watch = false;
};

/// A sandbox that is looked at, over one connection.
struct Subject {
    Subject(const asio::any_io_executor& executor, SandboxRecord of)
        : record(std::move(of)), link(executor, AgentLink::Upkeep::pings)
    {
        greet_keeper(link, record);
    }

    /// Takes the next figures; the share of the processor is that since the last ones.
    void take(const wire::Measured& figures)
    {
        const auto now = Clock::now();
        const std::chrono::duration<double, std::micro> passed = now - taken;
        const std::uint64_t used = figures.cpu_us - std::min(figures.cpu_us, measured.cpu_us);
        cpu_percent = std::round(static_cast<double>(used) / passed.count() * 1000) / 10;
        measured = figures;
        taken = now;
    }

    SandboxRecord record;
    AgentLink link;
    wire::Measured measured;
    double cpu_percent = 0;
    Clock::time_point taken;
    bool is_lost = false;  ///< it tells nothing any more
};

using Subjects = std::vector<std::unique_ptr<Subject>>;

ordered_json stats_json(const Subject& subject)
{
    const SandboxRecord& record = subject.record;
    const wire::Measured& measured = subject.measured;
    const auto now = record_time();
    ordered_json json;
    json["id"] = record.id;
    json["name"] = record.name.empty() ? ordered_json() : ordered_json(record.name);
    json["cpu_percent"] = subject.cpu_percent;
    json["cpu_ms"] = measured.cpu_us / 1000;
    json["memory_bytes"] = measured.memory_bytes;
    json["memory_peak_bytes"] = measured.memory_peak_bytes;
    json["memory_limit_bytes"] = record.limits.memory_bytes;
    json["pids"] = measured.processes;
    json["pids_limit"] = record.limits.pids;
    json["work_bytes"] = measured.work_bytes;
    json["work_size_bytes"] = measured.work_size_bytes;
    json["tmp_bytes"] = measured.tmp_bytes;
    json["tmp_size_bytes"] = measured.tmp_size_bytes;
    json["age_ms"] = (now - record.created).count();
    json["ends_in_ms"] = std::max(record.deadline - now, 0ms).count();
    return json;
}

std::string share(std::uint64_t used, std::uint64_t of)
{
    return of == 0 ? human_size(used) : fmt::format("{} / {}", human_size(used), human_size(of));
}

std::vector<std::string> row_of(const Subject& subject)
{
    const SandboxRecord& record = subject.record;
    const wire::Measured& measured = subject.measured;
    return {record.id,
            record.name.empty() ? "-" : record.name,
            fmt::format("{:.1f}%", subject.cpu_percent),
            share(measured.memory_bytes, record.limits.memory_bytes),
            human_size(measured.memory_peak_bytes),
            fmt::format("{} / {}", measured.processes, record.limits.pids),
            share(measured.work_bytes, measured.work_size_bytes),
            share(measured.tmp_bytes, measured.tmp_size_bytes),
            rough_duration(record_time() - record.created),
            rough_duration(record.deadline - record_time())};
}

void print_all(const Subjects& subjects, bool redraws, Context& context)
{
    ordered_json all = ordered_json::array();
    std::vector<std::vector<std::string>> rows{
        {"SANDBOX", "NAME", "CPU", "MEMORY", "PEAK", "PIDS", "/WORK", "/TMP", "AGE", "ENDS IN"}};
    for (const auto& subject : subjects) {
        if (subject->is_lost) continue;
        if (context.ndjson) context.print_json(stats_json(*subject));
        all.push_back(stats_json(*subject));
        rows.push_back(row_of(*subject));
    }
    if (context.json) return context.print_json(all);
    if (context.ndjson) return;
    context.print((redraws ? clear_screen : "") + format_table(rows));
}

/// One `sbx stats`: looks at its subjects together, once or again and again.
class StatsCommand {
   public:
    StatsCommand(const Options& options, Context& context)
        : options_(options), context_(context), store_(sandbox_store(context)), woken_(io_.get_executor())
    {
    }

    void run();

   private:
    Result<void> open();
    Result<void> add(const SandboxRecord& record);
    bool has(const SandboxRecord& record) const;
    asio::awaitable<void> look();
    asio::awaitable<void> measure_all();
    void lose(Subject& subject, const Error& error);
    bool is_over() const;
    void close_all();

    const Options& options_;
    Context& context_;
    SandboxStore store_;
    asio::io_context io_{1};
    Condition woken_;
    Subjects subjects_;
    std::optional<Error> failure_;  ///< of the last sandbox that was lost
    bool is_interrupted_ = false;
};

Result<void> StatsCommand::add(const SandboxRecord& record)
{
    Result<std::unique_ptr<Channel>> channel = open_keeper(io_.get_executor(), context_, store_, record);
    if (!channel) return channel.error();
    subjects_.push_back(std::make_unique<Subject>(io_.get_executor(), record));
    asio::co_spawn(io_, subjects_.back()->link.serve(std::move(*channel)), asio::detached);
    return {};
}

bool StatsCommand::has(const SandboxRecord& record) const
{
    return std::ranges::any_of(subjects_, [&](const auto& subject) { return subject->record.id == record.id; });
}

/// Connects to those that were named, or to all that can be reached.
Result<void> StatsCommand::open()
{
    for (const std::string& name : options_.names) {
        const Result<SandboxRecord> record = find_living(store_, name);
        if (!record) return record.error();
        if (has(*record)) continue;  // named twice
        if (const auto added = add(*record); !added) return added.error();
    }
    if (!options_.names.empty()) return {};
    if (const auto fresh = store_.refresh(); !fresh) return fresh;
    for (const SandboxRecord& record : store_.list()) {
        if (record.cause || is_paused(store_, record)) continue;
        const Result<void> ignored = add(record);  // it has just ended, or its engine is away
    }
    return {};
}

asio::awaitable<void> StatsCommand::measure_all()
{
    for (const auto& subject : subjects_) {
        if (subject->is_lost) continue;
        const Result<wire::Measured> measured = co_await with_timeout(measure(subject->link), patience);
        if (!measured) {
            lose(*subject, measured.error());
            continue;
        }
        subject->record = store_.read(subject->record.id).value_or(subject->record);  // it may have been extended
        subject->take(*measured);
    }
}

void StatsCommand::lose(Subject& subject, const Error& error)
{
    failure_ = subject.link.is_over() ? why_it_ended(store_, subject.record) : error;
    subject.is_lost = true;
    subject.link.close();
    if (!is_over()) context_.say(*failure_);  // the last one is reported
}

bool StatsCommand::is_over() const
{
    return is_interrupted_ || std::ranges::all_of(subjects_, [](const auto& subject) { return subject->is_lost; });
}

asio::awaitable<void> StatsCommand::look()
{
    const Interrupt interrupt(io_.get_executor(), [this] {
        is_interrupted_ = true;
        close_all();
    });
    const bool redraws = options_.watch && !context_.ndjson && ::isatty(::fileno(context_.out)) != 0;
    auto pause = first_period;
    co_await measure_all();
    while (!is_over()) {
        co_await woken_.wait(Clock::now() + pause);
        co_await measure_all();
        if (is_over()) break;
        print_all(subjects_, redraws, context_);
        if (std::fflush(context_.out) != 0 || !options_.watch) break;
        pause = period;
    }
    close_all();
    if (is_interrupted_) context_.exit_code = 128 + interrupt.signal();
}

void StatsCommand::close_all()
{
    for (const auto& subject : subjects_) subject->link.close();
    woken_.notify_all();
}

void StatsCommand::run()
{
    std::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c)
    if (options_.watch && context_.json)
        return context_.report(Error(Errc::invalid_argument, "--json is one value, --watch goes on", "--ndjson"));
    if (const auto opened = open(); !opened) return context_.report(opened.error());
    if (subjects_.empty()) return print_all(subjects_, false, context_);
    asio::co_spawn(io_, look(), asio::detached);
    io_.run();
    if (!failure_ || is_interrupted_) return;
    if (is_over()) return context_.report(*failure_);
    if (!options_.names.empty()) context_.exit_code = command_exit_code(failure_->code);
}

}  // namespace

void build_stats_command(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<Options>();
    command.add_option("SANDBOX", options->names, "Ids, names, or beginnings of ids (default: all that live)");
    command.add_flag("-w,--watch", options->watch, "Again every second, until Ctrl-C or the end of the sandboxes");
    command.add_flag("--ndjson", context.ndjson, "Print one JSON object a line, as they are measured");
    add_json_flag(command, context);
    add_config_flag(command, context);
    set_examples(command, context,
                 {{"stats", "processor, memory, processes and disk of all sandboxes"},
                  {"stats -w build", "of one, again and again"},
                  {"stats --json build | jq '.[0].memory_peak_bytes'", "for a script"}});
    command.callback([options, &context] { StatsCommand(*options, context).run(); });
}

}  // namespace sbx::cli
