import threading
import time


def late():
    time.sleep(0.05)
    print("late", threading.main_thread().is_alive())


threading.Thread(target=late).start()
print("main is done")
