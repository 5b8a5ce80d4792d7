"""Has the figures that a program draws and does not save become files of the directory it starts in.

Python imports this where the folder is first in PYTHONPATH, and takes the image's own `sitecustomize` after it;
`librechat.py` calls `watch` itself. Nothing happens until a plotting library is imported: `figures.py` is loaded then.
docs/dialects.md, "librechat", says what becomes of the figures.
"""

import os
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
STEPS = {
    "matplotlib": "choose_backend",
    "matplotlib.pyplot": "catch_figures",
    "plotly.io._renderers": "catch_plotly",
}


class Watch:
    """A finder that lets the others find; what they load gets its step afterwards."""

    def __init__(self, start):
        self.start = start
        self.figures = None

    def find_spec(self, name, path=None, target=None):
        if name not in STEPS:
            return None
        for finder in sys.meta_path:
            find = None if isinstance(finder, Watch) else getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find else None
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    self.follow(name, spec.loader)
                return spec
        return None

    def follow(self, name, loader):
        load = loader.exec_module

        def exec_module(module):
            del loader.exec_module
            load(module)
            self.teach(name, module)

        loader.exec_module = exec_module

    def teach(self, name, module):
        """A library that is not as expected stays as it is."""
        try:
            if self.figures is None:
                self.figures = load_figures()
            self.figures[STEPS[name]](module, self.start)
        except Exception:
            pass


def load_figures():
    """Past the table of modules, where the program would find it."""
    path = os.path.join(FOLDER, "figures.py")
    names = {"__name__": "figures", "__file__": path}
    with open(path, "rb") as source:
        exec(compile(source.read(), path, "exec", dont_inherit=True), names)
    return names


def watch(start):
    """From now on, and at once for what was imported already."""
    if any(type(finder).__name__ == "Watch" for finder in sys.meta_path):
        return
    watcher = Watch(start)
    sys.meta_path.insert(0, watcher)
    for name in STEPS:
        if name in sys.modules:
            watcher.teach(name, sys.modules[name])


def leave_the_path():
    """The image's own module of this name comes in the place of this one."""
    sys.path[:] = [entry for entry in sys.path if entry != FOLDER]
    sys.path_importer_cache.pop(FOLDER, None)
    sys.modules.pop("sitecustomize", None)
    try:
        import sitecustomize  # noqa: F401
    except ImportError:
        pass


if __name__ == "sitecustomize":
    leave_the_path()
    try:
        watch(os.getcwd())
    except OSError:
        pass  # the directory is gone: no place for figures
