import os
import sys

sys.stdout.write("buffered ")
os.write(1, b"direct ")
sys.stdout.flush()
os.write(1, b"later")
