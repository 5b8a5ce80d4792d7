import sys


def hook(kind, value, trace):
    print("hook", kind.__name__, value, trace.tb_lineno, trace.tb_next, trace.tb_frame.f_back)


sys.excepthook = hook
raise ValueError("caught by the hook")
