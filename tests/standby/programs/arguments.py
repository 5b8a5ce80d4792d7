import sys

print(sys.argv)
print(sys.orig_argv if hasattr(sys, "orig_argv") else None)
print([argument.encode("utf-8", "surrogateescape") for argument in sys.argv])
