import sys

print(sys.argv, __file__)
raise ValueError("in a file with a name")
