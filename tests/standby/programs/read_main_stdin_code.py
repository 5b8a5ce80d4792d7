import code
import sys

code.interact(banner="", readfunc=None, local={"x": 4})
print("done")
