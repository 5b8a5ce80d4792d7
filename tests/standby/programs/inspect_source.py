import inspect
import linecache
import sys


class Shown:
    """Documented."""

    def method(self):
        return 1


print(inspect.getsource(Shown), inspect.getfile(Shown), inspect.getdoc(Shown))
print(inspect.getsourcelines(Shown.method))
print(list(linecache.cache), linecache.getline(__file__, 1))
print(inspect.getsource(sys.modules["__main__"]) == open(__file__).read())
