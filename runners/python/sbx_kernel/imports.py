"""Does something once a library has been imported, and costs nothing until then."""

import sys


class AfterImport:
    """A finder that lets the others find, and then adds its own step to the loading."""

    def __init__(self, steps: dict):
        self._steps = steps  # module name: what to do with the module
        sys.meta_path.insert(0, self)

    def find_spec(self, name, path=None, target=None):
        step = self._steps.get(name)
        if step is None:
            return None
        for finder in sys.meta_path:
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find else None
            if spec is not None:
                if spec.loader is not None and hasattr(spec.loader, "exec_module"):
                    spec.loader = _Loader(spec.loader, step)
                return spec
        return None


class _Loader:
    def __init__(self, real, step):
        self._real, self._step = real, step

    def __getattr__(self, name):
        return getattr(self._real, name)

    def create_module(self, spec):
        return self._real.create_module(spec)

    def exec_module(self, module) -> None:
        module.__spec__.loader = module.__loader__ = self._real
        self._real.exec_module(module)
        self._step(module)
