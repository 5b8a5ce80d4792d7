import sys
import threading


def work():
    print("in thread")
    sys.exit(9)


thread = threading.Thread(target=work)
thread.start()
thread.join()
print("main goes on")
