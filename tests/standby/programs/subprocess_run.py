import os
import subprocess
import sys

print(subprocess.run(["sh", "-c", "echo out; echo err >&2; exit 4"], capture_output=True))
code = "import sys, os; print(sys.argv, sys.path, 'PYTHONPATH' in os.environ, sorted(os.listdir('/proc/self/fd')))"
print(subprocess.run([sys.executable, "-c", code, "a"], capture_output=True, text=True))
print(subprocess.run(["cat"], input=b"through cat", capture_output=True).stdout)
print(subprocess.run(["sh", "-c", "kill -TERM $$"]).returncode)
try:
    subprocess.run(["/no/such/program"])
except FileNotFoundError as error:
    print(error)
print(os.popen("echo popen").read(), os.system("exit 3"))
