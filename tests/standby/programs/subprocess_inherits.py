import subprocess
import sys

print("parent", flush=True)
subprocess.run(["sh", "-c", "cat; echo from child; trap"])
subprocess.run([sys.executable, "-c", "import signal; print(signal.getsignal(signal.SIGPIPE), signal.getsignal(signal.SIGINT))"])
