#include "agent/privileges.hpp"

#include "core/descriptor.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

namespace sbx::agent {
namespace {

struct Resource {
    std::string_view name;
    decltype(RLIMIT_CPU) number;
};

constexpr Resource resources[] = {
    {"cpu", RLIMIT_CPU},     {"nofile", RLIMIT_NOFILE}, {"fsize", RLIMIT_FSIZE},
    {"nproc", RLIMIT_NPROC}, {"stack", RLIMIT_STACK},   {"core", RLIMIT_CORE},
    {"as", RLIMIT_AS},       {"data", RLIMIT_DATA},     {"memlock", RLIMIT_MEMLOCK},
};

bool write_oom_score(std::string_view text)
{
    const Descriptor fd(::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
    return fd && ::write(fd.get(), text.data(), text.size()) == static_cast<long>(text.size());
}

bool clear_capabilities()
{
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) return false;
    __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
    return syscall(SYS_capset, &header, none) == 0;
}

}  // namespace

bool prepare_limits(const std::vector<wire::ResourceLimit>& limits, Setback& setback)
{
    if (!write_oom_score("1000")) {
        setback = {wire::FailureCode::internal, errno, "can't set the child's oom_score_adj"};
        return false;
    }
    for (const wire::ResourceLimit& limit : limits) {
        const auto* resource = std::ranges::find(resources, limit.resource, &Resource::name);
        const rlimit value{.rlim_cur = limit.soft, .rlim_max = limit.hard};
        if (resource == std::end(resources))
            setback = {wire::FailureCode::invalid, 0, "unknown resource limit"};
        else if (setrlimit(resource->number, &value) != 0)
            setback = {wire::FailureCode::invalid, errno, "can't set a resource limit"};
        else
            continue;
        return false;
    }
    return true;
}

bool become_user(uid_t uid, gid_t gid, Setback& setback)
{
    const char* failed = nullptr;
    uid_t have[3] = {};
    errno = 0;
    if (setgroups(0, nullptr) != 0)
        failed = "can't drop the groups";
    else if (setresgid(gid, gid, gid) != 0)
        failed = "can't change the group";
    else if (setresuid(uid, uid, uid) != 0)
        failed = "can't change the user";
    else if (getresuid(&have[0], &have[1], &have[2]) != 0 || std::ranges::count(have, uid) != 3 || uid == 0)
        failed = "is still another user";
    else if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)  // the change made it what fs.suid_dumpable says
        failed = "can't be protected from its own user";
    else if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        failed = "can't set no_new_privs";
    else if (!clear_capabilities())
        failed = "can't clear the capabilities";
    if (!failed) return true;
    setback = {errno == EAGAIN ? wire::FailureCode::no_processes : wire::FailureCode::internal, errno, failed};
    return false;
}

void protect_agent()
{
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    write_oom_score("0");  // below the engine's own setting it takes CAP_SYS_RESOURCE: often refused, and harmless then
}

void signal_everything(int signal)
{
    if (syscall(SYS_getpid) == 1) kill(-1, signal);
}

}  // namespace sbx::agent
