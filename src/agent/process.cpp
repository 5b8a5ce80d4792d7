#include "agent/process.hpp"

#include "agent/accounting.hpp"
#include "agent/pipes.hpp"
#include "agent/preloaded.hpp"
#include "agent/program.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
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
constexpr std::uint32_t no_change = UINT32_MAX;    // setresuid(2) would leave root as it is
constexpr std::string_view end_of_input = "\4\4";  // ^D, what a terminal takes for it

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

bool Process::open_lines(Program& program, std::vector<Descriptor>& childs)
{
    return std::ranges::all_of(lines_, [&](Line& line) { return open_line(line, program, childs); });
}

bool Process::open_line(Line& line, Program& program, std::vector<Descriptor>& childs)
{
    if (spawn_.pty && line.channel <= Channel::err) return true;  // comes with the terminal
    Descriptor childs_end;
    if (line.channel > Channel::err) {
        int ends[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return false;
        line.outlet.open(Descriptor(ends[0]));
        line.inlet.attach(ends[0]);
        make_nonblocking(ends[0]);
        childs_end = Descriptor(ends[1]);
    } else if (line.channel != Channel::input) {
        Descriptor read_end;
        if (!open_pipe(read_end, childs_end, spawn_.uid)) return false;
        make_nonblocking(read_end.get());
        line.outlet.open(std::move(read_end));
    } else if (line.has_inlet) {
        if (!open_pipe(childs_end, line.to_program, spawn_.uid)) return false;
        make_nonblocking(line.to_program.get());
        line.inlet.attach(line.to_program.get());
    } else {
        childs_end = Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        if (!childs_end) return false;
    }
    program.descriptors.emplace_back(line.channel, childs_end.get());
    childs.push_back(std::move(childs_end));
    if (line.has_inlet) finish_input(line);
    return true;
}

Process::Line* Process::line(std::uint8_t channel)
{
    const auto found = std::ranges::find(lines_, channel, &Line::channel);
    return found == lines_.end() ? nullptr : &*found;
}

void Process::collect(PollSet& set)
{
    if (report_) set.add(report_.get(), POLLIN, *this);
    // What the child says of itself comes first, then what is kept of a detached one's output.
    const bool may_read = !report_ && replay_.is_done() && (uplink().idle() || id() == 0);
    const bool may_read_extra = may_read && !spawn_.channels.empty() && !holds_output();
    for (const Line& line : lines_) {
        const bool may = line.channel < Channel::first_extra ? may_read : may_read_extra;
        if (may && line.outlet.wants_read()) set.add(line.outlet.fd(), POLLIN, *this);
        if (line.inlet.wants_write()) set.add(line.inlet.fd(), POLLOUT, *this);
    }
}

void Process::on_ready(int fd, short events)
{
    if (has_ended()) return;
    if (report_ && fd == report_.get()) on_report();
    for (Line& line : lines_) {
        if (line.inlet.fd() == fd && line.inlet.wants_write() && (events & (POLLOUT | POLLERR | POLLHUP)) != 0) {
            line.inlet.flush(uplink());
            finish_input(line);
        }
        if (line.outlet.fd() == fd && line.outlet.wants_read() && (uplink().idle() || id() == 0) && replay_.is_done() &&
            (events & (POLLIN | POLLERR | POLLHUP)) != 0) {
            relay(line);
            if (!line.outlet.is_open()) detach_inlet_of(fd);
        }
    }
}

/// Whether something that the program wrote to 1 or 2 has not been read yet.
bool Process::holds_output() const
{
    return std::ranges::any_of(
        lines_, [](const Line& line) { return line.channel < Channel::first_extra && line.outlet.waiting() > 0; });
}

/// Of an extra channel only what was there before 1 and 2 were seen to be empty: so it comes after all that the program
/// wrote to those before it.
void Process::relay(Line& line)
{
    std::size_t most = SIZE_MAX;
    if (line.channel >= Channel::first_extra) {
        most = std::max<std::size_t>(line.outlet.waiting(), 1);  // 1: its end
        if (holds_output()) return;
    }
    line.outlet.relay(uplink(), detached_ ? &detached_->tail : nullptr, most);
    uplink().flush();
}

/// After the descriptor was closed: its number may soon be another one's.
void Process::detach_inlet_of(int fd)
{
    for (Line& line : lines_)
        if (line.inlet.fd() == fd) line.inlet.detach(uplink());
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

void Process::on_terminal(Descriptor terminal)
{
    make_nonblocking(terminal.get());
    Line& input = *line(Channel::input);
    input.inlet.attach(terminal.get());
    line(Channel::out)->outlet.open(std::move(terminal));
    on_resize({.rows = spawn_.rows, .columns = spawn_.columns});
    input.inlet.flush(uplink());
    finish_input(input);
}

void Process::finish_input(Line& line)
{
    if (!line.inlet.is_done() || line.inlet.fd() < 0) return;
    if (line.to_program) {
        line.inlet.attach(-1);
        line.to_program.reset();
    } else if (line.channel >= Channel::first_extra) {
        shutdown(line.inlet.fd(), SHUT_WR);
    }
}

const char* Process::on_data(std::uint8_t channel, std::span<const char> bytes)
{
    Line* to = line(channel);
    if (!to || !to->has_inlet) return Operation::on_data(channel, bytes);
    if (channel == Channel::input) last_typed_ = bytes.back();
    return to->inlet.take(bytes, uplink());
}

const char* Process::on_eof(std::uint8_t channel)
{
    Line* to = line(channel);
    if (!to || !to->has_inlet) return Operation::on_eof(channel);
    // In the middle of a line the first ^D only sends off what was typed.
    const std::string_view typed = last_typed_ == '\n' ? end_of_input.substr(1) : end_of_input;
    const bool is_terminal = spawn_.pty && channel == Channel::input;
    if (const char* refusal = to->inlet.end(is_terminal ? typed : "")) return refusal;
    if (detached_ && channel == Channel::input && !is_terminal) detached_->shape.input = false;
    to->inlet.flush(uplink());
    finish_input(*to);
    return nullptr;
}

const char* Process::on_credit(std::uint8_t channel, std::uint32_t bytes)
{
    Line* from = line(channel);
    if (!from || channel == Channel::input) return Operation::on_credit(channel, bytes);
    return from->outlet.add_credit(bytes);
}

void Process::on_signal(int signal)
{
    if (!has_started()) return Operation::on_close();
    if (reaped_) {
        if (signal == SIGKILL && phase_ == Phase::draining) sweep();
        return;
    }
    killed_by_owner_ = killed_by_owner_ || signal == SIGKILL;
    // Before its setsid the child has no group of its own.
    if (kill(-pid_, signal) != 0) kill(pid_, signal);
}

void Process::on_resize(const wire::Resize& size)
{
    spawn_.rows = size.rows;
    spawn_.columns = size.columns;
    const Line* terminal = line(Channel::out);
    if (!spawn_.pty || !terminal || !terminal->outlet.is_open()) return;
    const winsize window{.ws_row = static_cast<unsigned short>(size.rows),
                         .ws_col = static_cast<unsigned short>(size.columns)};
    ioctl(terminal->outlet.fd(), TIOCSWINSZ, &window);
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
