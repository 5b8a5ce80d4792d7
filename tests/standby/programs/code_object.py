import sys

print(sys._getframe().f_code.co_filename, sys._getframe().f_code.co_name, sys._getframe().f_code.co_firstlineno)
print(sys._getframe().f_globals is sys._getframe().f_locals is globals())
print(compile("1", "x", "eval").co_filename, eval("__name__"))
