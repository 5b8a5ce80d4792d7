import inspect
import sys


def depth():
    frame, count = sys._getframe(), 0
    while frame:
        print(frame.f_code.co_name, frame.f_code.co_filename, frame.f_lineno)
        frame, count = frame.f_back, count + 1
    return count


print(depth())
for info in inspect.stack():
    print(info.filename, info.function, info.lineno, info.code_context)
print(sys._getframe().f_back, inspect.currentframe().f_back, list(sys._current_frames().values())[0].f_back)
try:
    sys._getframe(1)
except ValueError as error:
    print(error)
print(inspect.getsource(depth))
print(inspect.getmodule(sys._getframe()))
