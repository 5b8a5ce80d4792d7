#include "daemon/interpreter/interpreter.hpp"

#include "core/sandbox/identity.hpp"
#include "daemon/executions/attend.hpp"
#include "daemon/interpreter/file_names.hpp"
#include "daemon/interpreter/interpreter_end.hpp"
#include "daemon/trace/trace_context.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace sbx::daemon {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t most_output_bytes = std::uint64_t{16} << 20;
constexpr std::size_t most_results = 50;  // of one run

FileSession new_session(const Caller& caller)
{
    FileSession session;
    session.id = new_file_id();
    session.kind = FileSessionKind::execution;
    std::tie(session.tenant, session.subject) = owner_of(caller);
    session.created = record_time();
    return session;
}

void mount(const StoredFiles& files, const Mounts& mounts, RunRequest& request)
{
    for (const MountedFile& mounted : mounts.files) {
        InputFile file;
        file.target = "/work/" + mounted.name;
        file.content = files.place_of(mounted.found.file.id);
        request.files.push_back(std::move(file));
    }
}

/// Code may leave tens of thousands of files behind.
std::string some_of(const std::vector<std::string>& names)
{
    constexpr std::size_t most = 10;
    const std::size_t shown = std::min(names.size(), most);
    std::string text =
        fmt::format("{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
    if (names.size() > shown) text += fmt::format(" and {} more", names.size() - shown);
    return text;
}

/// What the code cannot know of its files.
void tell_of_files(InterpreterEnd& end, const Mounts& mounts, const Harvest& harvested,
                   const std::vector<ChangedFile>& changed, const HarvestRules& rules)
{
    for (const std::string& name : mounts.missing) add_own_line(end.errors, "File not available: " + name);
    for (const std::string& name : mounts.refused) add_own_line(end.errors, "Invalid file name: " + name);
    std::vector<std::string> large;
    for (const ChangedFile& file : changed)
        if (is_result_name(file.path) && file.size_bytes > rules.file_bytes) large.push_back(file.path);
    if (!large.empty())
        add_own_line(end.errors,
                     fmt::format("File not kept, it has more than {} bytes: {}", rules.file_bytes, some_of(large)));
    if (!harvested.beyond.empty())
        add_own_line(end.errors, "Files not kept, there are too many: " + some_of(harvested.beyond));
    if (!harvested.failed.empty())
        add_own_line(end.errors, "Files that could not be kept: " + some_of(harvested.failed));
}

/// Not more results than can be kept are taken out of a sandbox, even if all of the mounted files come along unchanged.
std::function<bool(const ChangedFile&)> artifact_filter(HarvestRules rules, std::size_t mounted)
{
    return [left = rules.most + mounted, rules = std::move(rules)](const ChangedFile& file) mutable {
        return left > 0 && is_harvested(file, rules) && left-- > 0;
    };
}

bool is_removed(const RunResult& result, const MountedFile& file)
{
    return std::ranges::find(result.removed, file.name) != result.removed.end();
}

}  // namespace

SessionTurn::SessionTurn(std::set<std::string>& busy, Condition& changed, std::string id)
    : busy_(&busy), changed_(&changed), id_(std::move(id))
{
    busy_->insert(id_);
}

SessionTurn::SessionTurn(SessionTurn&& other) noexcept
    : busy_(std::exchange(other.busy_, nullptr)), changed_(other.changed_), id_(std::move(other.id_))
{
}

SessionTurn::~SessionTurn()
{
    if (busy_ == nullptr) return;
    busy_->erase(id_);
    changed_->notify_all();
}

bool Interpreter::is_live(const FileSession& session) const
{
    return session.kind == FileSessionKind::execution && record_time() - session.created < bounds_.session_life;
}

/// One that is named and may be had, or a new one.
asio::awaitable<Result<FileSession>> Interpreter::session_of(InterpreterOrder& order, Caller caller)
{
    FileSession made = new_session(caller);
    if (order.session.empty()) co_return made;
    const FileEntity nobody;
    std::string id = order.session;
    Result<FileSession> known = co_await files_.find_session(std::move(id), std::move(caller), nobody);
    if (!known && known.error().code != Errc::not_found) co_return known;
    if (known && is_live(*known)) co_return known;
    order.session.clear();
    co_return made;
}

asio::awaitable<SessionTurn> Interpreter::take_turn(std::string id)
{
    while (busy_.contains(id)) co_await turned_.wait(std::nullopt);
    co_return SessionTurn(busy_, turned_, std::move(id));
}

asio::awaitable<Result<std::shared_ptr<InterpreterRun>>> Interpreter::begin(InterpreterOrder order, Caller caller)
{
    Result<FileSession> session = co_await session_of(order, caller);
    if (!session) co_return session.error();
    std::string id = session->id;
    SessionTurn turn = co_await take_turn(std::move(id));
    auto run = std::make_shared<InterpreterRun>(InterpreterRun{.session = *session, .turn = std::move(turn)});
    Result<Mounts> mounts;
    if (!order.session.empty()) mounts = co_await mount_session(files_, run->session);
    if (!mounts) co_return mounts.error();
    run->stored = mounts->files.size();
    if (order.files) mounts = co_await mount_references(files_, std::move(*order.files), bounds_.run_files, caller);
    if (!mounts) co_return mounts.error();
    run->mounts = std::move(*mounts);
    const Result<void> prepared = prepare_run(*run, std::move(order), caller);
    if (!prepared) co_return prepared.error();
    co_return run;
}

Result<void> Interpreter::prepare_run(InterpreterRun& run, InterpreterOrder order, const Caller& caller) const
{
    const auto language = find_interpreter_language(order.language);
    if (!language) return language.error();
    CodeOrder wanted;
    wanted.language = (*language)->language;
    wanted.code.emplace();
    wanted.limits.memory_bytes = bounds_.memory_bytes;
    wanted.limits.output_bytes = most_output_bytes;
    wanted.limits.wall_ms = std::clamp(order.timeout.value_or(bounds_.run_time), 1ms, bounds_.run_time);
    Result<PreparedCode> prepared = prepare(std::move(wanted), settings_, caller);
    if (!prepared) return prepared.error();
    run.code = std::move(*prepared);
    run.word = std::move(order.language);
    run.image = (*language)->image.empty() ? (*language)->language : (*language)->image;
    place_interpreted_code(**language, run.code, std::move(order.code), order.arguments);
    RunRequest& request = run.code.request;
    request.compile_timeout = *request.limits.wall_ms;
    request.wall_spans_phases = true;
    mount(files_, run.mounts, request);
    run.limits = request.limits;
    run.session.language = (*language)->language;
    run.results = files_.run_place(new_file_id());
    const std::size_t room = bounds_.session_files - std::min(bounds_.session_files, run.stored);
    run.rules = {run.session.id, bounds_.file_bytes, std::min(most_results, room)};
    request.artifacts = run.results;
    request.is_artifact = artifact_filter(run.rules, run.mounts.files.size());
    return {};
}

asio::awaitable<Result<InterpreterEnd>> Interpreter::run(Exchange& exchange, InterpreterOrder order, Caller caller,
                                                         std::string dialect)
{
    const auto run = co_await begin(std::move(order), caller);
    if (!run) co_return run.error();
    const auto task = executions_.start(std::move((*run)->code), std::move(caller), std::move(dialect), nullptr);
    task->trace = trace_of(exchange.head());
    std::function<void()> stop = [task] { Executions::stop(*task, true); };
    co_await attend(exchange, Executions::wait(task), std::move(stop));
    co_return co_await conclude(*run, task);
}

asio::awaitable<Result<InterpreterEnd>> Interpreter::conclude(std::shared_ptr<InterpreterRun> run,
                                                              std::shared_ptr<Task> ended)
{
    const Result<RunResult>& result = *ended->result;
    if (result && result->execution.reason == Reason::lost)
        co_return Error(Errc::unavailable, "the sandbox was lost with its engine");
    Result<Harvest> harvested = co_await collect(*run, result);
    if (!harvested) co_return harvested.error();
    InterpreterEnd end;
    end.session = run->session.id;
    end.missing = run->mounts.missing;
    end.missing.insert(end.missing.end(), run->mounts.refused.begin(), run->mounts.refused.end());
    if (result) {
        tell_end(end, *result, run->limits);
        tell_of_files(end, run->mounts, *harvested, result->execution.files, run->rules);
        for (const MountedFile& file : run->mounts.files)
            if (is_removed(*result, file)) end.deleted.push_back(file.name);
    } else if (const Result<void> told = tell_failure(end, result.error(), *run); !told) {
        co_return told.error();
    }
    const Result<void> stored = co_await store(*run, end, std::move(*harvested));
    if (!stored) co_return stored.error();
    co_return end;
}

/// Takes over what was taken out, and removes the rest.
asio::awaitable<Result<Harvest>> Interpreter::collect(const InterpreterRun& run, const Result<RunResult>& result)
{
    auto work = [&]() -> Result<Harvest> {
        Harvest all;
        if (result) all = harvest(files_, run.results, result->execution.files, run.mounts.files, run.rules);
        std::error_code ignored;
        std::filesystem::remove_all(run.results, ignored);
        return all;
    };
    co_return co_await files_.run(std::move(work));
}

/// Writes down what is in the session now.
asio::awaitable<Result<void>> Interpreter::store(InterpreterRun& run, InterpreterEnd& end, Harvest harvested)
{
    FileSessionChange change;
    change.session = run.session;
    change.session.used = record_time();
    std::set<std::size_t> replaced;
    for (const ProducedFile& produced : harvested.produced) {
        change.added.push_back(produced.file);
        if (produced.replaces) replaced.insert(*produced.replaces);
    }
    for (std::size_t i = 0; i < run.mounts.files.size(); ++i) {
        const MountedFile& file = run.mounts.files[i];
        const bool is_gone = std::ranges::find(end.deleted, file.name) != end.deleted.end();
        if (is_gone) change.removed.push_back(file.name);
        if (is_gone || replaced.contains(i)) continue;
        if (file.found.session.id != run.session.id) change.aliases.emplace_back(file.found.file.id, file.name);
        if (file.reference && file.reference->is_newer) end.inherited.push_back(i);
    }
    end.undelivered = harvested.failed.size();
    end.produced = std::move(harvested.produced);
    end.mounted = run.mounts.files;
    co_return co_await files_.apply(std::move(change));
}

}  // namespace sbx::daemon
