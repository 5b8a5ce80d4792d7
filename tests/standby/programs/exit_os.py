import os
import sys

print("lost, because it is buffered")
sys.stderr.write("kept")
os._exit(7)
