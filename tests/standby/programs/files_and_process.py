import fcntl
import os
import resource
import stat

print(os.getcwd(), os.path.realpath("."))
mask = os.umask(0)
print("umask %o" % mask)
print(sorted(int(name) for name in os.listdir("/proc/self/fd"))[:-1])
for descriptor in range(3):
    mode = os.fstat(descriptor).st_mode
    print(stat.S_ISFIFO(mode), fcntl.fcntl(descriptor, fcntl.F_GETFD), fcntl.fcntl(descriptor, fcntl.F_GETFL), os.get_inheritable(descriptor))
print(os.open("/dev/null", os.O_RDONLY))
print(os.getpid() == os.getpgid(0) == os.getsid(0))
for name in sorted(dir(resource)):
    if name.startswith("RLIMIT_"):
        print(name, resource.getrlimit(getattr(resource, name)))
print(os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0), len(os.sched_getaffinity(0)))
with open("/proc/self/comm") as comm:
    print(comm.read())
with open("/proc/self/cmdline") as line:
    print(line.read().replace("\0", " "))
