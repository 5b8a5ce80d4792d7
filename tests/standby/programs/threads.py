import threading
import time

lock = threading.Lock()
results = []


def work(number):
    time.sleep(0.002 * number)
    with lock:
        results.append((number, threading.current_thread().name))


threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(results))
