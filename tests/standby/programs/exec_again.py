import os
import sys

if len(sys.argv) == 1:
    print("first", flush=True)
    os.execv(sys.executable, [sys.executable] + sys.argv + ["again"])
print("second", sys.argv, sorted(os.environ))
