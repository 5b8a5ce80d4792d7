"""The Python kernel: runs cells in one namespace and answers on channels 3 and 4 (docs/kernels.md).

This file only finds its package, so that `__main__` is free for the code of the cells: the package lies beside
it, in a directory or in the zip file that it is the `__main__.py` of, and never on `sys.path`.
"""

import os
import sys
from importlib.machinery import PathFinder


def _load_package() -> None:
    """Puts `sbx_kernel` into sys.modules, whatever sys.path says."""
    place = os.path.join(os.path.dirname(os.path.abspath(__file__)), "python")
    spec = PathFinder.find_spec("sbx_kernel", [place])
    if spec is None or spec.loader is None:
        sys.exit(f"kernel: no package sbx_kernel in {place}")
    package = type(sys)("sbx_kernel")
    package.__spec__, package.__path__, package.__file__ = spec, spec.submodule_search_locations, spec.origin
    sys.modules["sbx_kernel"] = package
    spec.loader.exec_module(package)


if __name__ == "__main__":
    _load_package()
    from sbx_kernel.session import main

    main()
