"""What goes away at the end, and when: names and cycles, or what hangs on modules and classes from before the program."""
import builtins
import gc
import io
import os
import sys


class Noisy:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("end of", self.name)


def cycle(name):
    made = [Noisy(name)]
    made.append(made)
    return made


plain = Noisy("a name")
kept = cycle("a cycle")
cycle("a lost cycle")
if sys.argv[1:] == ["elsewhere"]:
    os.noisy = Noisy("an attribute of os")
    io.noisy = cycle("a cycle in a module")
    os.PathLike.noisy = Noisy("an attribute of a class")
    sys.noisy = Noisy("an attribute of sys")
    builtins.noisy = Noisy("an attribute of builtins")

gc.collect()
print("referrers", [referrer is globals() for referrer in gc.get_referrers(plain)])
print("main", sys.modules["__main__"].__dict__ is globals(), list(globals()), __name__, __spec__)
print("tracked", any(value is globals() for value in gc.get_objects()))
