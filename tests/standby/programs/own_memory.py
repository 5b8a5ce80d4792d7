import resource
import sys

usage = resource.getrusage(resource.RUSAGE_SELF)
print(0 < usage.ru_maxrss < 200000, usage.ru_utime < 5)
block = bytearray(50 << 20)
block[::4096] = b"x" * len(block[::4096])
peak = [int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")][0]
print(50 << 10 < peak < 90 << 10)
