import os
import posix
import subprocess
import sys

print(list(os.environ.items()))
print(list(posix.environ.items()), os.environ._data is posix.environ)
print(os.getenv("PYTHONPATH"), os.getenv("EMPTY"), os.environb.get(b"BYTES"), os.environ.get("BYTES"))
sys.stdout.flush()
subprocess.run(["/usr/bin/env"])
os.environ["LATER"] = "1"
sys.stdout.flush()
subprocess.run(["/usr/bin/env"])
os.system("echo $LATER $HOME")
