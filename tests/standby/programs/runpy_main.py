import runpy
import sys

print(sorted(runpy.run_path("guard_quiet.py", run_name="other").keys())[-2:])
print(runpy.run_module("helper_module")["__name__"], sys.argv)
