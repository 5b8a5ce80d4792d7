"""Nothing that the start left behind: no cycles, and as many objects of each type as any interpreter has."""
import gc

gc.unfreeze()  # what a standby had before its program
gc.collect()  # its hook goes with what an interpreter's start left
print("collected", gc.collect())
kinds = {}
for value in gc.get_objects():
    kinds[type(value).__name__] = kinds.get(type(value).__name__, 0) + 1
for kind in sorted(kinds.keys() - {"tuple", "dict"}):  # collections stop to track those that hold no others
    print(kind, kinds[kind])
print([kind.__name__ for kind in object.__subclasses__()])
print([kind.__name__ for kind in Exception.__subclasses__()])
