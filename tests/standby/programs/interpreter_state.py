"""Whatever an interpreter knows about how it was started."""
import sys

print("modules", list(sys.modules))
print("path", sys.path)
print("importers", list(sys.path_importer_cache))
print("finders", [type(finder).__name__ for finder in sys.path_importer_cache.values()])
print("meta_path", sys.meta_path, [hook.__name__ for hook in sys.path_hooks])
print("flags", sys.flags)
print("options", sys.warnoptions, sys._xoptions)
print("prefixes", sys.prefix, sys.exec_prefix, sys.base_prefix, sys.executable, sys._base_executable)
print("recursion", sys.getrecursionlimit(), "switch", sys.getswitchinterval())
print("encodings", sys.getdefaultencoding(), sys.getfilesystemencoding(), sys.getfilesystemencodeerrors())
print("hooks", sys.displayhook, sys.excepthook, sys.unraisablehook, sys.breakpointhook, sys.gettrace(), sys.getprofile())
print("last", [name for name in dir(sys) if name.startswith("last_") or name.startswith("ps")], sys.exc_info())
print("bytecode", sys.dont_write_bytecode, sys.pycache_prefix)
for name in ("stdin", "stdout", "stderr"):
    stream = getattr(sys, name)
    print(name, stream.name, stream.mode, stream.encoding, stream.errors, stream.newlines, stream.line_buffering,
          stream.write_through, stream is getattr(sys, "__%s__" % name), stream.fileno(), stream.isatty())

import atexit
import gc
import site
import threading
import warnings

print("atexit", atexit._ncallbacks())
print("gc", gc.isenabled(), gc.get_threshold(), gc.get_debug(), gc.garbage, gc.callbacks)
print("site", site.ENABLE_USER_SITE, site.USER_SITE, site.USER_BASE, site.PREFIXES)
print("threads", [thread.name for thread in threading.enumerate()], threading.active_count(), threading.main_thread() is threading.current_thread())
print("warnings", warnings.filters, warnings.defaultaction, warnings.onceregistry)
print("builtins", sorted(vars(sys.modules["builtins"])))
print("sitecustomize", sys.modules.get("sitecustomize"))
