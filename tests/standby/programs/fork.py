import os
import sys

print("buffered before fork")
sys.stdout.flush()
child = os.fork()
if not child:
    print("child", sys.argv, __file__)
    sys.exit(6)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) if hasattr(os, "waitstatus_to_exitcode") else 6)
child = os.fork()
if not child:
    raise ValueError("in the child")
print(os.waitpid(child, 0)[1])
