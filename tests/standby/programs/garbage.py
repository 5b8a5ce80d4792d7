"""Nothing that the start left behind: no cycles, and only objects that every interpreter has."""
import gc

print("collected", gc.collect())
kinds = {}
for value in gc.get_objects():
    kinds[type(value).__name__] = kinds.get(type(value).__name__, 0) + 1
for kind in ("function", "module", "type", "frame", "traceback", "cell", "coroutine", "generator", "memoryview", "method",
             "ModuleSpec", "SourceFileLoader", "FileFinder", "_ModuleLock", "set", "dict_items", "ImportError"):
    print(kind, kinds.get(kind, 0))
print(sorted(f.__module__ for f in gc.get_objects() if type(f).__name__ == "function" and "customize" in str(f.__module__)))
