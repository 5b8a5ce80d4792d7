import signal
import sys
import time


def stop(number, frame):
    print("got", number, frame.f_code.co_name, frame.f_back)
    sys.exit(5)


signal.signal(signal.SIGTERM, stop)
print("ready", flush=True)
time.sleep(30)
