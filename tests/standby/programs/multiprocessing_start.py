import multiprocessing
import os
import sys


class Point:
    def __init__(self, x):
        self.x = x


def work(number, queue):
    queue.put((number, __name__, sys.argv, os.path.basename(__file__), Point(number).x, "PYTHONPATH" in os.environ))


print("main module is run as", __name__, flush=True)
if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    queue = context.Queue()
    process = context.Process(target=work, args=(1, queue))
    process.start()
    print(queue.get())
    process.join()
    print(process.exitcode)
    with context.Pool(1) as pool:
        print(pool.map(len, ["a", "bb", "ccc"]), [point.x for point in pool.map(Point, [4, 5])])
