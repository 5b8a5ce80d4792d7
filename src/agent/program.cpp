#include "agent/program.hpp"

#include "agent/work_directory.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace sbx::agent {
namespace {

using wire::FailureCode;

constexpr int out_of_the_way = 64;  // above every number that a program gets
constexpr std::string_view default_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Programs differ in which of these they read. SOCKS is left out: many that read ALL_PROXY can't speak it.
constexpr const char* proxy_variables[] = {
    "HTTP_PROXY=http://127.0.0.1:3128",
    "http_proxy=http://127.0.0.1:3128",
    "HTTPS_PROXY=http://127.0.0.1:3128",
    "https_proxy=http://127.0.0.1:3128",
    "ALL_PROXY=http://127.0.0.1:3128",
    "all_proxy=http://127.0.0.1:3128",
    "NO_PROXY=localhost,.localhost,sandbox,127.0.0.1,127.0.0.0/8,::1",
    "no_proxy=localhost,.localhost,sandbox,127.0.0.1,127.0.0.0/8,::1",
};

[[noreturn]] void give_up(int report, const Setback& setback)
{
    [[maybe_unused]] const long ignored = ::write(report, &setback, sizeof setback);
    _exit(127);
}

void set_variable(std::vector<std::string>& environment, std::string_view assignment)
{
    const std::string_view name = assignment.substr(0, assignment.find('=') + 1);
    for (std::string& have : environment) {
        if (!have.starts_with(name)) continue;
        have = assignment;
        return;
    }
    environment.emplace_back(assignment);
}

std::string_view variable(const std::vector<std::string>& environment, std::string_view name, std::string_view fallback)
{
    for (const std::string_view have : environment)
        if (have.starts_with(name)) return have.substr(name.size());
    return fallback;
}

bool send_terminal(int report, int terminal)
{
    alignas(cmsghdr) char space[CMSG_SPACE(sizeof terminal)] = {};
    char byte = 't';
    iovec part{.iov_base = &byte, .iov_len = 1};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = space;
    message.msg_controllen = sizeof space;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof terminal);
    std::memcpy(CMSG_DATA(header), &terminal, sizeof terminal);
    return sendmsg(report, &message, 0) == 1;
}

/// Opened as the user, so that it is the user's: programs open /dev/tty and change its owner's mode.
bool open_terminal(const wire::Spawn& spawn, int report, Setback& setback)
{
    const Descriptor master(::open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC));
    int unlocked = 0;
    const winsize size{.ws_row = static_cast<unsigned short>(spawn.rows),
                       .ws_col = static_cast<unsigned short>(spawn.columns)};
    if (!master || ioctl(master.get(), TIOCSPTLCK, &unlocked) != 0 || ioctl(master.get(), TIOCSWINSZ, &size) != 0) {
        setback = {FailureCode::internal, errno, "can't open a terminal"};
        return false;
    }
    const Descriptor slave(ioctl(master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!slave || ioctl(slave.get(), TIOCSCTTY, 0) != 0) {
        setback = {FailureCode::internal, errno, "can't take the terminal"};
        return false;
    }
    bool placed = true;
    for (int fd = 0; fd <= 2; ++fd) placed = placed && dup2(slave.get(), fd) == fd;
    if (placed && send_terminal(report, master.get())) return true;
    setback = {FailureCode::internal, errno, "can't hand over the terminal"};
    return false;
}

/// Puts the channels on their numbers and closes all else but `report`, which moves out of the way.
bool arrange_descriptors(const Program& program, int& report, Setback& setback)
{
    const int moved_report = fcntl(report, F_DUPFD_CLOEXEC, out_of_the_way);
    if (moved_report < 0) {
        setback = {FailureCode::internal, errno, "can't move the report's socket"};
        return false;
    }
    report = moved_report;
    std::vector<std::pair<int, int>> moved;
    for (const auto& [target, source] : program.descriptors)
        moved.emplace_back(target, fcntl(source, F_DUPFD_CLOEXEC, out_of_the_way));
    unsigned kept_below = 3;
    for (const auto& [target, source] : moved) {
        if (source < 0 || dup2(source, target) < 0) {
            setback = {FailureCode::internal, errno, "can't arrange the descriptors"};
            return false;
        }
        kept_below = std::max(kept_below, static_cast<unsigned>(target) + 1);
    }
    // Every descriptor of the agent is close-on-exec; these calls are for what should not exist.
    for (unsigned fd = 3; fd < kept_below; ++fd)
        if (std::ranges::find(moved, static_cast<int>(fd), &std::pair<int, int>::first) == moved.end())
            ::close(static_cast<int>(fd));
    const auto own = static_cast<unsigned>(report);
    syscall(SYS_close_range, kept_below, own - 1, 0);
    syscall(SYS_close_range, own + 1, ~0U, 0);
    return true;
}

void reset_signals()
{
    struct sigaction standard = {};
    standard.sa_handler = SIG_DFL;
    for (int signal = 1; signal < NSIG; ++signal) sigaction(signal, &standard, nullptr);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
}

std::vector<char*> pointers_to(const std::vector<std::string>& strings)
{
    std::vector<char*> pointers;
    for (const std::string& text : strings) pointers.push_back(const_cast<char*>(text.c_str()));
    pointers.push_back(nullptr);
    return pointers;
}

Setback judge_exec(int error, const char* path)
{
    switch (error) {
        case ENOENT:
            if (access(path, F_OK) == 0) return {FailureCode::not_executable, 0, "the interpreter it names is missing"};
            return {FailureCode::not_found, 0, "command not found"};
        case ENOTDIR:
            return {FailureCode::not_found, 0, "command not found"};
        case ENOMEM:
            return {FailureCode::no_memory, error, "can't run"};
        case EAGAIN:
            return {FailureCode::no_processes, error, "can't run"};
        case E2BIG:
            return {FailureCode::too_large, 0, "arguments and environment are too long"};
        default:
            return {FailureCode::not_executable, error, "can't run"};
    }
}

/// Tries the command as execvp(3) would, except that a text without `#!` is not given to a shell.
Setback exec_by_path(const Program& program)
{
    const std::vector<char*> argv = pointers_to(program.spawn.argv);
    const std::vector<char*> envp = pointers_to(program.environment);
    const std::string& command = program.spawn.argv.front();
    if (command.find('/') != std::string::npos) {
        execve(command.c_str(), argv.data(), envp.data());
        return judge_exec(errno, command.c_str());
    }
    Setback worst{FailureCode::not_found, 0, "command not found"};
    std::string_view rest = variable(program.environment, "PATH=", default_path);
    while (!command.empty()) {
        const std::string_view directory = rest.substr(0, rest.find(':'));
        const std::string path = std::string(directory.empty() ? "." : directory) + "/" + command;
        execve(path.c_str(), argv.data(), envp.data());
        const Setback setback = judge_exec(errno, path.c_str());
        if (setback.code != FailureCode::not_found) worst = setback;
        if (worst.code != FailureCode::not_found && setback.error != EACCES) break;
        if (directory.size() == rest.size()) break;
        rest.remove_prefix(directory.size() + 1);
    }
    return worst;
}

}  // namespace

std::vector<std::string> environment_for(const wire::Spawn& spawn, bool proxies)
{
    std::vector<std::string> environment;
    for (char** variable = environ; *variable; ++variable) environment.emplace_back(*variable);
    set_variable(environment, "HOME=" + work_directory());
    for (const char* own : {"USER=sandbox", "LOGNAME=sandbox", "LANG=C.UTF-8"}) set_variable(environment, own);
    if (proxies)
        for (const char* own : proxy_variables) set_variable(environment, own);
    for (const std::string& assignment : spawn.env) set_variable(environment, assignment);
    return environment;
}

void become_program(const Program& program)
{
    int report = program.report;
    Setback setback{};
    // Descriptors first: a low limit on open files would forbid moving them.
    if (!arrange_descriptors(program, report, setback) || !prepare_limits(program.spawn.limits, setback) ||
        !become_user(program.spawn.uid, program.spawn.gid, setback))
        give_up(report, setback);
    if (setsid() < 0) give_up(report, {FailureCode::internal, errno, "can't lead a session"});
    if (program.spawn.pty && !open_terminal(program.spawn, report, setback)) give_up(report, setback);
    reset_signals();
    umask(022);
    if (chdir(program.spawn.cwd.c_str()) != 0)
        give_up(report, {FailureCode::no_directory, errno, "can't enter the working directory"});
    give_up(report, exec_by_path(program));
}

Report read_report(int socket)
{
    Report report;
    alignas(cmsghdr) char space[CMSG_SPACE(sizeof(int))] = {};
    iovec part{.iov_base = &report.setback, .iov_len = sizeof report.setback};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = space;
    message.msg_controllen = sizeof space;
    const long count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return report;
    if (const cmsghdr* header = CMSG_FIRSTHDR(&message); count == 1 && header) {
        int terminal = -1;
        std::memcpy(&terminal, CMSG_DATA(header), sizeof terminal);
        report.terminal = Descriptor(terminal);
        report.kind = Report::Kind::terminal;
    } else {
        report.kind = count == static_cast<long>(sizeof report.setback) ? Report::Kind::setback : Report::Kind::running;
    }
    return report;
}

wire::Failure describe(const Setback& setback, const std::string& subject)
{
    std::string message = subject + ": " + setback.what;
    if (setback.error != 0) {
        const char* reason = strerrordesc_np(setback.error);
        message += std::string(": ") + (reason ? reason : "unknown error");
    }
    return {.code = setback.code, .message = std::move(message)};
}

}  // namespace sbx::agent
