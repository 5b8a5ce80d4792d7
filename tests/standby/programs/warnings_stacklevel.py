import warnings

import helper_module


def deprecated(level):
    warnings.warn("old at %d" % level, DeprecationWarning, stacklevel=level)
    warnings.warn("attention", stacklevel=level)


for level in range(1, 5):
    deprecated(level)
helper_module.warn(1)
helper_module.warn(2)
print("x" is "x")
print(__warningregistry__.keys() if "__warningregistry__" in globals() else None)
