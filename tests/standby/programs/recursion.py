import sys


def down(depth):
    return down(depth + 1)


def measure(depth):
    global deepest
    deepest = depth
    measure(depth + 1)


try:
    measure(0)
except RecursionError as error:
    print(deepest, error)
sys.setrecursionlimit(120)
down(0)
