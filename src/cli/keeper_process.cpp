#include "cli/keeper_process.hpp"

#include "cli/detached_process.hpp"
#include "cli/remote.hpp"
#include "cli/with_engine.hpp"
#include "core/file_lock.hpp"
#include "core/json.hpp"
#include "core/sandbox/keep.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <thread>

namespace sbx::cli {
namespace {

using namespace std::chrono_literals;

constexpr int report_descriptor = 3;  // where a keeper says that it is ready, or why it never will be
constexpr auto longest_start = 60s;
constexpr auto patience_for_lock = 300ms;

std::string report_of(const Result<void>& outcome)
{
    nlohmann::json report = {{"ready", static_cast<bool>(outcome)}};
    if (!outcome) {
        report["code"] = outcome.error().code;
        report["message"] = outcome.error().message;
        report["hint"] = outcome.error().hint;
    }
    return report.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

Result<void> read_report(const std::string& text)
try {
    const nlohmann::json report = nlohmann::json::parse(text);
    if (report.at("ready").get<bool>()) return {};
    return Error(report.at("code").get<Errc>(), report.at("message").get<std::string>(),
                 report.at("hint").get<std::string>());
} catch (const nlohmann::json::exception&) {
    return Error(Errc::internal, "the sandbox's keeper ended before it was ready", "sbx doctor");
}

/// What comes on `descriptor` until its end, a line's end, or the time is over.
std::string read_line(int descriptor)
{
    std::string text;
    const auto end = std::chrono::steady_clock::now() + longest_start;
    while (!text.ends_with('\n')) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        pollfd wanted{.fd = descriptor, .events = POLLIN, .revents = 0};
        if (left <= 0ms || ::poll(&wanted, 1, static_cast<int>(left.count())) == 0) break;
        std::array<char, 4096> bytes{};
        const ssize_t n = ::read(descriptor, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        text.append(bytes.data(), static_cast<std::size_t>(n));
    }
    return text;
}

/// It has nothing of ours but the descriptor of its report.
Result<void> spawn_keeper(const Context& context, const SandboxRecord& record, int report)
{
    DetachedProcess keeper;
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) keeper.open(standard, "/dev/null", O_RDWR);
    keeper.duplicate(report, report_descriptor);
    const Result<pid_t> started = keeper.start({context.program, keeper_word, record.id}, environ);
    if (started) return {};
    return Error(Errc::internal, "cannot start the sandbox's keeper: " + started.error().message);
}

/// Held to the end of this process. Whoever looks whether there is a keeper holds it for a moment too.
std::optional<FileLock> take_lock(const SandboxStore& store, const std::string& id)
{
    const auto end = std::chrono::steady_clock::now() + patience_for_lock;
    for (;;) {
        auto lock = FileLock::try_acquire(store.lock_of(id));
        if (lock || std::chrono::steady_clock::now() > end) return lock;
        std::this_thread::sleep_for(10ms);
    }
}

/// Says once how the start went. @return whether somebody heard it
bool say_report(const Result<void>& outcome)
{
    const std::string text = report_of(outcome);
    const bool heard = ::write(report_descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    ::close(report_descriptor);
    return heard;
}

}  // namespace

SandboxStore sandbox_store(const Context& context)
{
    const std::filesystem::path state = directories(context.environment, ::getuid()).state;
    if (const auto host = daemon_host(context)) return remote_store(context, state, *host);
    return SandboxStore(state);
}

Result<Settings> settings_of(const Context& context, const SandboxRecord& record)
{
    Result<Configuration> configuration = context.configuration();
    if (!configuration) return configuration.error();
    configuration->settings.docker_host = record.docker_host;
    configuration->settings.docker_context = record.docker_context;
    return std::move(configuration->settings);
}

Result<void> start_keeper(const Context& context, const SandboxRecord& record)
{
    std::array<int, 2> report{};
    if (::pipe2(report.data(), O_CLOEXEC) != 0)
        return Error(Errc::internal, fmt::format("cannot make a pipe: {}", std::strerror(errno)));
    // dup2 onto itself would leave it to be closed by the exec.
    if (report[1] == report_descriptor) {
        report[1] = ::fcntl(report_descriptor, F_DUPFD_CLOEXEC, report_descriptor + 1);
        ::close(report_descriptor);
    }
    const Result<void> spawned = spawn_keeper(context, record, report[1]);
    ::close(report[1]);
    Result<void> started = spawned;
    if (spawned) started = read_report(read_line(report[0]));
    ::close(report[0]);
    return started;
}

void be_keeper(Context& context, const std::string& id)
{
    ::syscall(SYS_close_range, report_descriptor + 1, ~0U, 0);
    ::fcntl(report_descriptor, F_SETFD, FD_CLOEXEC);
    std::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c)
    const SandboxStore store = sandbox_store(context);
    const std::optional<FileLock> lock = take_lock(store, id);
    std::optional<SandboxRecord> record = store.read(id);
    Result<void> outcome;
    bool said = false;
    const auto ready = [&] {
        said = true;
        return say_report({});
    };
    const Result<Settings> settings = record ? settings_of(context, *record) : Result<Settings>(Settings());
    const bool moved = ::chdir("/") == 0;  // whatever its caller's directory is on can be unmounted
    if (!lock || !moved) {
        outcome = Error(Errc::conflict, fmt::format("sandbox {} has a keeper already", id));
    } else if (!record || record->cause) {
        outcome = Error(Errc::not_found, fmt::format("no living sandbox: {}", id), "sbx ps -a");
    } else if (!settings) {
        outcome = settings.error();
    } else {
        const std::filesystem::path cache = directories(context.environment, ::getuid()).cache;
        const auto work = [&](const OpenEngine& open) {
            return record->container.empty()
                       ? keep_new_sandbox(*open.engine, store, *record, cache, ready, KeeperWatch())
                       : keep_living_sandbox(*open.engine, store, *record, ready, KeeperWatch());
        };
        outcome = with_engine(context, *settings, work);
    }
    if (!said) say_report(outcome);
    context.exit_code = outcome ? 0 : command_exit_code(outcome.error().code);
}

}  // namespace sbx::cli
