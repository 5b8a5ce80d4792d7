import atexit
import sys
import weakref


class Watched:
    pass


def say(text):
    print("atexit", text, sys.modules.get("sitecustomize") is not None and "has" or "no")


for number in range(3):
    atexit.register(say, number)


@atexit.register
def failing():
    raise ValueError("in atexit")


watched = Watched()
weakref.finalize(watched, print, "finalized")
print(atexit._ncallbacks())
