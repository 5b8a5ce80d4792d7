#include "cell.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace test {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void die(const char* what)
{
    std::perror(what);
    _exit(99);
}

void must(bool worked, const char* what)
{
    if (!worked) die(what);
}

void write_file(const std::string& path, const std::string& text)
{
    std::ofstream(path) << text;
}

void mount_tmpfs(const std::string& at, const std::string& options)
{
    fs::create_directories(at);
    must(mount("tmpfs", at.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) == 0, at.c_str());
}

void bind_mount(const std::string& from, const std::string& to)
{
    must(mount(from.c_str(), to.c_str(), nullptr, MS_BIND | MS_REC, nullptr) == 0, to.c_str());
}

void make_devices(const std::string& dev)
{
    fs::create_directories(dev + "/pts");
    for (const std::string name : {"null", "zero", "urandom", "tty"}) {
        write_file(dev + "/" + name, "");
        bind_mount("/dev/" + name, dev + "/" + name);
    }
    must(mount("devpts", (dev + "/pts").c_str(), "devpts", 0, "newinstance,ptmxmode=0666,mode=0620,gid=5") == 0,
         "devpts");
    fs::create_symlink("pts/ptmx", dev + "/ptmx");
    fs::create_symlink("/proc/self/fd/1", dev + "/stdout");
    mount_tmpfs(dev + "/shm", "size=8m,mode=1777");
}

void bring_loopback_up()
{
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    ifreq request{};
    request.ifr_name[0] = 'l';
    request.ifr_name[1] = 'o';
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    must(ioctl(fd, SIOCSIFFLAGS, &request) == 0, "lo");
    close(fd);
}

void keep_three_capabilities()
{
    for (int capability = 0; capability <= CAP_LAST_CAP; ++capability)
        if (capability != CAP_SETUID && capability != CAP_SETGID && capability != CAP_KILL)
            prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

[[noreturn]] void run(const std::vector<std::string>& command, int in, int out)
{
    dup2(in, 0);
    dup2(out, 1);
    std::vector<char*> argv;
    for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    const char* const environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/root", "IMAGE=yes", nullptr};
    execve(argv[0], argv.data(), const_cast<char* const*>(environment));
    die(argv[0]);
}

}  // namespace

Cell::Cell(const Options& options, int in, int out)
{
    char pattern[] = "/tmp/sbx-cell-XXXXXX";
    if (!mkdtemp(pattern)) throw std::runtime_error("mkdtemp");
    root_ = pattern;
    make_cgroups(options);
    int pid_pipe[2];
    if (pipe2(pid_pipe, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    outer_ = fork();
    if (outer_ == 0) enter(options, in, out, pid_pipe[1]);
    close(in);
    close(out);
    close(pid_pipe[1]);
    const bool known = read(pid_pipe[0], &pid_, sizeof pid_) == sizeof pid_;
    close(pid_pipe[0]);
    if (!known) throw std::runtime_error("no cell: these tests need root");
}

Cell::~Cell()
{
    if (!ended_) {
        kill(pid_, SIGKILL);
        waitpid(outer_, nullptr, 0);
    }
    for (const pid_t exec : execs_) waitpid(exec, nullptr, 0);
    std::error_code ignored;
    for (const std::string& cgroup : cgroups_) fs::remove(cgroup, ignored);
    fs::remove(root_, ignored);
}

void Cell::exec(const std::vector<std::string>& command, int in, int out, uid_t uid)
{
    const pid_t waiting = fork();
    if (waiting == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        const std::string proc = "/proc/" + std::to_string(pid_);
        const int root = open((proc + "/root").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        for (const char* space : {"/ns/ipc", "/ns/net", "/ns/uts", "/ns/pid", "/ns/mnt"}) {
            const int fd = open((proc + space).c_str(), O_RDONLY | O_CLOEXEC);
            must(fd >= 0 && setns(fd, 0) == 0, space);
        }
        must(fchdir(root) == 0 && chroot(".") == 0, "chroot");
        const pid_t inner = fork();
        if (inner != 0) {
            close_range(3, ~0U, 0);
            waitpid(inner, nullptr, 0);
            _exit(0);
        }
        keep_three_capabilities();
        if (uid != 0) must(setresgid(uid, uid, uid) == 0 && setresuid(uid, uid, uid) == 0, "uid");
        run(command, in, out);
    }
    close(in);
    close(out);
    execs_.push_back(waiting);
}

bool Cell::has_ended()
{
    ended_ = ended_ || waitpid(outer_, nullptr, WNOHANG) == outer_;
    return ended_;
}

unsigned Cell::processes() const
{
    unsigned count = 0;
    struct stat own {};
    if (stat(("/proc/" + std::to_string(pid_) + "/ns/pid").c_str(), &own) != 0) return 0;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        struct stat other {};
        if (stat((entry.path() / "ns/pid").c_str(), &other) == 0 && other.st_ino == own.st_ino) ++count;
    }
    return count;
}

std::size_t Cell::resident_bytes() const
{
    std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
    for (std::string word; status >> word;) {
        std::size_t kilobytes = 0;
        if (word == "RssAnon:" && status >> kilobytes) return kilobytes << 10;
    }
    return 0;
}

void Cell::make_cgroups(const Options& options)
{
    const std::string name = fs::path(root_).filename();
    const bool unified = fs::exists("/sys/fs/cgroup/cgroup.controllers");
    const auto make = [&](const std::string& hierarchy) {
        const std::string path = "/sys/fs/cgroup" + hierarchy + "/" + name;
        if (cgroups_.empty() || cgroups_.back() != path) {
            fs::create_directory(path);
            cgroups_.push_back(path);
        }
        return path;
    };
    if (unified) write_file("/sys/fs/cgroup/cgroup.subtree_control", "+memory +pids");
    if (options.memory_bytes > 0) {
        memory_cgroup_ = make(unified ? "" : "/memory");
        const char* file = unified ? "/memory.max" : "/memory.limit_in_bytes";
        write_file(memory_cgroup_ + file, std::to_string(options.memory_bytes));
        if (unified) write_file(memory_cgroup_ + "/memory.swap.max", "0");
    }
    if (options.pids > 0) write_file(make(unified ? "" : "/pids") + "/pids.max", std::to_string(options.pids));
}

void Cell::enter(const Options& options, int in, int out, int pid_pipe)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    must(unshare(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) == 0, "unshare");
    const pid_t inner = fork();
    if (inner != 0) {
        must(write(pid_pipe, &inner, sizeof inner) == sizeof inner, "pid");
        close_range(3, ~0U, 0);  // else the agent's pipes would never end
        waitpid(inner, nullptr, 0);
        _exit(0);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // Not the process that waits outside: as the largest one it would be killed for want of memory, and this with it.
    for (const std::string& cgroup : cgroups_) write_file(cgroup + "/cgroup.procs", "0");
    make_root(options);
    bring_loopback_up();
    write_file("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0");
    must(sethostname("sandbox", 7) == 0, "hostname");
    keep_three_capabilities();
    run(options.command, in, out);
}

void Cell::make_root(const Options& options) const
{
    must(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "private mounts");
    mount_tmpfs(root_, "mode=0755");
    for (const char* directory : {"/usr", "/etc", "/proc", "/sys/fs/cgroup"}) fs::create_directories(root_ + directory);
    bind_mount("/usr", root_ + "/usr");
    for (const char* link : {"bin", "sbin", "lib", "lib64"})
        fs::create_symlink(std::string("usr/") + link, root_ + "/" + link);
    write_file(root_ + "/etc/hosts", "");
    write_file(root_ + "/etc/resolv.conf", "");
    fs::copy_file(options.program, root_ + "/agent");
    must(mount("proc", (root_ + "/proc").c_str(), "proc", 0, nullptr) == 0, "proc");
    make_devices(root_ + "/dev");
    mount_tmpfs(root_ + "/work",
                "mode=0700,uid=1000,gid=1000,nr_inodes=4096,size=" + std::to_string(options.work_bytes));
    mount_tmpfs(root_ + "/tmp", "mode=1777,size=16m");
    mount_tmpfs(root_ + "/run/sbx", "mode=0700,size=64k,nr_inodes=64");
    if (!memory_cgroup_.empty()) {
        const bool unified = fs::exists("/sys/fs/cgroup/cgroup.controllers");
        const std::string at = root_ + "/sys/fs/cgroup" + (unified ? "" : "/memory");
        fs::create_directories(at);
        bind_mount(memory_cgroup_, at);
    }
    must(chroot(root_.c_str()) == 0 && chdir("/") == 0, "chroot");
}

}  // namespace test
