import atexit
import time

atexit.register(print, "never")
print("ready", flush=True)
time.sleep(30)
