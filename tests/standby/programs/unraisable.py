import sys


class Noisy:
    def __del__(self):
        raise ValueError("in __del__")


def hook(unraisable):
    print("hook", unraisable.exc_type, unraisable.exc_value, unraisable.exc_traceback.tb_lineno)


sys.unraisablehook = hook
Noisy()
sys.unraisablehook = sys.__unraisablehook__
kept = Noisy()
print("end")
