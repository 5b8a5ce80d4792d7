import faulthandler
import sys


def inner():
    faulthandler.dump_traceback(file=sys.stdout, all_threads=True)


print(faulthandler.is_enabled(), flush=True)
inner()
