#include "agent/process.hpp"

#include "agent/accounting.hpp"
#include "agent/preloaded.hpp"
#include "agent/program.hpp"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

namespace sbx::agent {
namespace {

using wire::Channel;
using wire::FailureCode;
using namespace std::chrono_literals;

constexpr auto patience_after_kill = 1s;
constexpr std::uint32_t no_change = UINT32_MAX;  // setresuid(2) would leave root as it is

/// What a signal does to a program that has not said anything of it. @source signal(7)
bool ends_by_default(int signal)
{
    switch (signal) {
        case 0:
        case SIGCHLD:
        case SIGCONT:
        case SIGSTOP:
        case SIGTSTP:
        case SIGTTIN:
        case SIGTTOU:
        case SIGURG:
        case SIGWINCH:
            return false;
        default:
            return true;
    }
}

std::int64_t wall_clock_ms()
{
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    return static_cast<std::int64_t>(now.tv_sec) * 1'000 + now.tv_nsec / 1'000'000;
}

const char* fault_of(const wire::Spawn& spawn)
{
    const auto has_nul = [](const std::string& text) { return text.find('\0') != std::string::npos; };
    if (spawn.argv.empty() || spawn.argv.front().empty()) return "no command";
    if (std::ranges::any_of(spawn.argv, has_nul) || std::ranges::any_of(spawn.env, has_nul) || has_nul(spawn.cwd))
        return "a text with a NUL in it";
    if (std::ranges::any_of(spawn.env, [](const std::string& text) { return text.find('=', 1) == text.npos; }))
        return "an environment entry that is no NAME=VALUE";
    if (!spawn.cwd.starts_with('/') || spawn.cwd.starts_with("/proc/")) return "not a working directory";
    if (spawn.uid == 0 || spawn.gid == 0) return "programs don't run as root";
    if (spawn.uid == no_change || spawn.gid == no_change) return "not a user";
    if (spawn.window == 0 || spawn.window > wire::max_window) return "window out of range";
    for (auto channel = spawn.channels.begin(); channel != spawn.channels.end(); ++channel)
        if (*channel < Channel::first_extra || *channel > Channel::last_extra ||
            std::find(spawn.channels.begin(), channel, *channel) != channel)
            return "channel out of range";
    return nullptr;
}

}  // namespace

Process::Process(Sandbox& sandbox, StreamId id, wire::Spawn spawn)
    : Operation(sandbox, id, spawn.after), spawn_(std::move(spawn))
{
    const auto add = [&](std::uint32_t number, bool has_inlet) {
        const auto channel = static_cast<std::uint8_t>(number);
        lines_.push_back({.channel = channel,
                          .inlet = Inlet(id, channel),
                          .outlet = Outlet(id, channel, spawn_.window),
                          .to_program = {},
                          .has_inlet = has_inlet});
    };
    add(Channel::input, spawn_.input || spawn_.pty);
    add(Channel::out, false);
    if (!spawn_.pty) add(Channel::err, false);
    for (const std::uint32_t channel : spawn_.channels) add(channel, true);
}

void Process::run()
{
    if (const char* fault = fault_of(spawn_)) return fail(FailureCode::invalid, fault);
    if (spawn_.detached && sandbox_.detached.is_full())
        return fail(FailureCode::no_processes, "too many detached processes");
    sandbox_.spare.dismiss();
    oom_kills_before_ = read_oom_kills();
    kills_before_ = sandbox_.kills;
    orphans_before_ = sandbox_.orphans;
    started_ = Clock::now();
    exit_.start_ms = wall_clock_ms();
    if (spawn_.preloaded && take_preloaded()) return;
    Program program{
        .spawn = spawn_, .environment = environment_for(spawn_, sandbox_.proxies), .descriptors = {}, .report = -1};
    std::vector<Descriptor> childs;
    int report[2];
    if (!open_lines(program, childs) || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, report) != 0)
        return fail(FailureCode::internal, "can't make the program's pipes");
    report_ = Descriptor(report[0]);
    const Descriptor childs_report(report[1]);
    program.report = report[1];
    sandbox_.childless = false;
    pid_ = fork();
    if (pid_ == 0) become_program(program);
    if (pid_ > 0) return;
    lines_.clear();
    report_.reset();
    if (errno == EAGAIN) return fail(FailureCode::no_processes, "the sandbox has no processes left");
    fail(FailureCode::no_memory, "no memory for another process");
}

/// The interpreter that waits becomes this program, where it can.
bool Process::take_preloaded()
{
    Preloaded& preloaded = sandbox_.preloaded;
    if (!preloaded.is_ready() || !preloaded.become(spawn_, environment_for(spawn_, sandbox_.proxies))) {
        preloaded.kill();
        return false;
    }
    pid_ = preloaded.pid();
    sandbox_.childless = false;
    usage_before_ = preloaded.used();
    Line& input = *line(Channel::input);
    input.to_program = std::move(preloaded.input);
    input.inlet.attach(input.to_program.get());
    line(Channel::out)->outlet.open(std::move(preloaded.output));
    line(Channel::err)->outlet.open(std::move(preloaded.errors));
    preloaded_ = std::move(preloaded.control);
    preloaded.forget();
    on_running();
    input.inlet.flush(uplink());
    finish_input(input);
    return true;
}

/// @return whether there may be more
bool Process::on_report()
{
    Report report = read_report(report_.get());
    switch (report.kind) {
        case Report::Kind::nothing_yet:
            return false;
        case Report::Kind::terminal:
            on_terminal(std::move(report.terminal));
            return true;
        case Report::Kind::setback:
            failed_ = true;
            failure_ = describe(report.setback,
                                report.setback.code == FailureCode::no_directory ? spawn_.cwd : spawn_.argv.front());
            break;
        case Report::Kind::running:
            on_running();
            break;
    }
    report_.reset();
    return false;
}

/// For its owner that is the same as a program that was too slow to do anything.
void Process::end_unstarted(int signal)
{
    if (!ends_by_default(signal)) return;
    if (spawn_.detached) return Operation::on_close();  // nobody was told of it: there is no program to tell of
    exit_.signal = static_cast<std::uint32_t>(signal);
    exit_.start_ms = exit_.end_ms = wall_clock_ms();
    uplink().send(Type::exit, id(), exit_);
    finish(false);
}

void Process::on_signal(int signal)
{
    if (!has_started()) return end_unstarted(signal);
    if (reaped_) {
        if (signal == SIGKILL && phase_ == Phase::draining) sweep();
        return;
    }
    killed_by_owner_ = killed_by_owner_ || signal == SIGKILL;
    // Before its setsid the child has no group of its own.
    if (kill(-pid_, signal) != 0) kill(pid_, signal);
}

bool Process::on_reaped(pid_t pid, int status, const rusage& usage)
{
    if (pid != pid_ || reaped_) return false;
    reaped_ = true;
    killed_by_owner_ = killed_by_owner_ || sandbox_.kills != kills_before_;
    exit_.wall_us =
        static_cast<std::uint64_t>(std::chrono::floor<std::chrono::microseconds>(Clock::now() - started_).count());
    exit_.end_ms = wall_clock_ms();
    exit_.code = WIFEXITED(status) ? static_cast<std::uint32_t>(WEXITSTATUS(status)) : 0;
    exit_.signal = WIFSIGNALED(status) ? static_cast<std::uint32_t>(WTERMSIG(status)) : 0;
    usage_.add(usage);
    while (report_ && on_report()) {
    }
    report_.reset();
    if (const int error = preloaded_ ? read_refusal(preloaded_.get()) : 0; error != 0) {
        failed_ = true;
        failure_ = describe({FailureCode::no_directory, error, "can't enter the working directory"}, spawn_.cwd);
    }
    phase_ = Phase::draining;
    deadline_ = Clock::now() + std::chrono::milliseconds(spawn_.drain_ms);
    return true;
}

void Process::on_deadline()
{
    deadline_.reset();
    if (phase_ == Phase::draining) return sweep();
    for (Line& line : lines_) {
        const int fd = line.outlet.fd();
        line.outlet.stop_after_what_is_there();
        if (fd >= 0 && !line.outlet.is_open()) detach_inlet_of(fd);
    }
}

/// Ends what the program left behind. In a one-shot sandbox nothing else may live; elsewhere its group goes.
void Process::sweep()
{
    phase_ = Phase::swept;
    deadline_ = Clock::now() + patience_after_kill;
    if (sandbox_.childless) return;  // looking for whom to signal takes the longer the more the machine runs
    if (sandbox_.one_shot && sandbox_.running == 1)
        signal_everything(SIGKILL);
    else
        kill(-pid_, SIGKILL);
}

void Process::settle()
{
    if (has_ended()) return;
    replay();
    if (!reaped_ || !replay_.is_done()) return;
    if (failed_) {
        if (detached_) sandbox_.detached.forget(*detached_);
        return fail(failure_.code, failure_.message);
    }
    const bool drained = std::ranges::none_of(lines_, [](const Line& line) { return line.outlet.is_open(); });
    if (!drained) return;
    if (phase_ == Phase::draining) sweep();
    // The killed ones' times count too; they are about to be reaped.
    const bool alone = sandbox_.one_shot && sandbox_.running == 1;
    if (sandbox_.childless || !alone || !deadline_) report_exit();
}

void Process::report_exit()
{
    const Memory memory = read_memory();
    if (sandbox_.one_shot && sandbox_.running == 1) {
        usage_.user_us += sandbox_.orphans.user_us - orphans_before_.user_us;
        usage_.system_us += sandbox_.orphans.system_us - orphans_before_.system_us;
        usage_.peak_rss_bytes = std::max(usage_.peak_rss_bytes, sandbox_.orphans.peak_rss_bytes);
    }
    const auto before = static_cast<std::uint64_t>(usage_before_.count());
    exit_.user_us = usage_.user_us - std::min(usage_.user_us, before);
    exit_.system_us = usage_.system_us - std::min(usage_.system_us, before - (usage_.user_us - exit_.user_us));
    exit_.peak_rss_bytes = usage_.peak_rss_bytes;
    exit_.oom_kills = static_cast<std::uint32_t>(memory.oom_kills - oom_kills_before_);
    exit_.oom = exit_.signal == SIGKILL && !killed_by_owner_ && exit_.oom_kills > 0;
    exit_.disk_full = is_disk_full();
    exit_.memory_peak_bytes = memory.peak_bytes;
    exit_.memory_limit_bytes = memory.limit_bytes;
    exit_.memory_in_files_bytes = memory.in_files_bytes;
    if (detached_) sandbox_.detached.end(*detached_, exit_);
    if (id() != 0) uplink().send(Type::exit, id(), exit_);
    finish(exit_.code == 0 && exit_.signal == 0);
}

}  // namespace sbx::agent
