import sys

main = sys.modules["__main__"]
print(sorted(name for name in vars(main)))
print(__name__, __file__, __package__, __spec__, __doc__, __builtins__)
print(type(__loader__), getattr(__loader__, "path", None), getattr(__loader__, "name", None))
print(globals().get("__cached__", "none"), globals() is vars(main))
