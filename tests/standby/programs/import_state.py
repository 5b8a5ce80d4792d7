import importlib
import importlib.util
import sys

print(importlib.util.find_spec("sitecustomize"), importlib.util.find_spec("usercustomize"))
try:
    import sitecustomize

    print(sitecustomize.__file__, sorted(vars(sitecustomize)))
except ImportError as error:
    print(error, error.name)
importlib.invalidate_caches()
print(list(sys.path_importer_cache))
print(importlib._bootstrap._module_locks, importlib._bootstrap._blocking_on)
