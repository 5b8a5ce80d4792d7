#include "cli/daemon_process.hpp"

#include "cli/detached_process.hpp"
#include "core/descriptor.hpp"
#include "core/environment_list.hpp"
#include "core/file_lock.hpp"
#include "core/whole_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <sstream>

namespace sbx::cli {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr auto longest_start = 30s;
constexpr auto longest_stop = 90s;  // its runs have ten seconds, then its sandboxes are left or removed
constexpr auto look_again = 100ms;
constexpr std::uintmax_t most_log_bytes = std::uintmax_t{8} << 20;

int milliseconds_of(std::chrono::milliseconds time)
{
    return static_cast<int>(time.count());
}

/// Where the daemon says that it listens: a socket with an abstract name that the kernel chose.
class ReadyNotice {
   public:
    ReadyNotice() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        socklen_t size = sizeof(sa_family_t);
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        if (::bind(socket_.get(), generic, size) != 0) return;
        size = sizeof address;
        if (::getsockname(socket_.get(), generic, &size) != 0) return;
        const std::size_t length = size - offsetof(sockaddr_un, sun_path);
        name_ = "@" + std::string(&address.sun_path[1], length - 1);
    }

    const std::string& name() const { return name_; }

    /// Waits a moment for it.
    bool is_ready() const
    {
        pollfd wanted{.fd = socket_.get(), .events = POLLIN, .revents = 0};
        if (::poll(&wanted, 1, milliseconds_of(look_again)) != 1) return false;
        std::array<char, 256> text{};
        const ssize_t n = ::recv(socket_.get(), text.data(), text.size(), MSG_DONTWAIT);
        return n > 0 && std::string_view(text.data(), static_cast<std::size_t>(n)).starts_with("READY=1");
    }

   private:
    Descriptor socket_;
    std::string name_;
};

/// What concerns another start than this one's own.
bool is_of_service(std::string_view variable)
{
    for (const std::string_view name : {"NOTIFY_SOCKET=", "WATCHDOG_", "LISTEN_FDS", "LISTEN_PID="})
        if (variable.starts_with(name)) return true;
    return false;
}

std::vector<std::string> environment_with(const std::string& notice)
{
    std::vector<std::string> variables;
    for (char** each = environ; *each != nullptr; ++each)
        if (!is_of_service(*each)) variables.emplace_back(*each);
    variables.push_back("NOTIFY_SOCKET=" + notice);
    return variables;
}

/// Its output goes to the log.
Result<pid_t> spawn(std::vector<std::string> words, std::vector<std::string> variables, const fs::path& log)
{
    DetachedProcess daemon;
    daemon.open(STDIN_FILENO, "/dev/null", O_RDONLY);
    daemon.open(STDOUT_FILENO, log.c_str(), O_WRONLY | O_APPEND | O_CREAT);
    daemon.duplicate(STDOUT_FILENO, STDERR_FILENO);
    Result<pid_t> process = daemon.start(std::move(words), pointers_to(variables).data());
    if (!process) return Error(Errc::internal, "cannot start the daemon: " + process.error().message);
    return process;
}

Errc code_of(int exit_code)
{
    constexpr std::array codes{Errc::invalid_argument, Errc::not_found,   Errc::permission_denied,
                               Errc::conflict,         Errc::unavailable, Errc::resource_exhausted};
    const auto* const code =
        std::ranges::find_if(codes, [&](Errc each) { return command_exit_code(each) == exit_code; });
    return code == codes.end() ? Errc::internal : *code;
}

/// What the daemon said last to people: a message, and the hint below it.
Error failure_of(int exit_code, const std::string& said, const std::string& program)
{
    Error error(code_of(exit_code), "the daemon ended before it listened", "sbx daemon logs");
    std::istringstream lines(said);
    const std::string begin = program + ": ";
    const std::string arrow = "  → ";
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(begin)) error = Error(error.code, line.substr(begin.size()));
        if (line.starts_with(arrow)) error.hint = line.substr(arrow.size());
    }
    return error;
}

/// One older log is kept.
void rotate(const fs::path& log)
{
    std::error_code ignored;
    if (fs::exists(log, ignored) && fs::file_size(log, ignored) > most_log_bytes)
        fs::rename(log, log.native() + ".1", ignored);
}

}  // namespace

std::optional<pid_t> DaemonProcess::find() const
{
    const fs::path path = state_ / "daemon.lock";
    std::error_code ignored;
    if (!fs::exists(path, ignored) || FileLock::try_acquire(path)) return std::nullopt;
    const std::string text = read_whole_file(path).value_or("");
    pid_t process = 0;
    std::from_chars(text.data(), text.data() + text.size(), process);
    return process > 0 ? std::optional(process) : std::nullopt;
}

std::vector<std::string> DaemonProcess::addresses() const
{
    std::istringstream lines(read_whole_file(state_ / "daemon" / "addresses").value_or(""));
    std::vector<std::string> addresses;
    for (std::string line; std::getline(lines, line);) addresses.push_back(line);
    return addresses;
}

Result<void> DaemonProcess::write_addresses(const std::vector<std::string>& addresses) const
{
    return write_whole_file(state_ / "daemon" / "addresses", fmt::format("{}\n", fmt::join(addresses, "\n")));
}

Result<void> DaemonProcess::start(const std::string& program, const std::vector<std::string>& flags) const
{
    if (const auto process = find())
        return Error(Errc::conflict, fmt::format("the daemon runs already (process {})", *process),
                     "sbx daemon status");
    if (const auto made = make_private_directory(log().parent_path()); !made) return made.error();
    rotate(log());
    std::error_code ignored;
    const std::size_t before = read_whole_file(log()).value_or("").size();
    const ReadyNotice notice;
    std::vector<std::string> words{program, "serve"};
    words.insert(words.end(), flags.begin(), flags.end());
    const Result<pid_t> process = spawn(std::move(words), environment_with(notice.name()), log());
    if (!process) return process.error();
    const auto end = std::chrono::steady_clock::now() + longest_start;
    while (std::chrono::steady_clock::now() < end) {
        if (notice.is_ready()) return {};
        int status = 0;
        if (::waitpid(*process, &status, WNOHANG) != *process) continue;
        const int exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
        return failure_of(exit_code, read_whole_file(log()).value_or("").substr(before), program);
    }
    return Error(Errc::deadline_exceeded, "the daemon does not say that it listens", "sbx daemon logs");
}

Result<pid_t> DaemonProcess::stop() const
{
    const Error none(Errc::not_found, "no daemon runs", "sbx daemon start");
    const std::optional<pid_t> process = find();
    if (!process) return none;
    const Descriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, *process, 0)));  // glibc 2.36 has it for C alone
    // Whoever holds the lock now is the process that the handle means: it cannot have ended and been followed.
    if (!handle || find() != process) return none;
    if (::syscall(SYS_pidfd_send_signal, handle.get(), SIGTERM, nullptr, 0) != 0)
        return Error(Errc::permission_denied, fmt::format("cannot end process {}: {}", *process, std::strerror(errno)));
    pollfd ended{.fd = handle.get(), .events = POLLIN, .revents = 0};
    if (::poll(&ended, 1, milliseconds_of(longest_stop)) == 1) return *process;
    return Error(Errc::deadline_exceeded, fmt::format("process {} has not ended yet", *process), "sbx daemon logs");
}

}  // namespace sbx::cli
