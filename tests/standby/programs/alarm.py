import signal
import time


def ring(number, frame):
    raise TimeoutError("alarm in " + frame.f_code.co_name)


signal.signal(signal.SIGALRM, ring)
signal.setitimer(signal.ITIMER_REAL, 0.05)
time.sleep(10)
