import sys


class Code:
    def __str__(self):
        return "from __str__"


try:
    sys.exit(Code())
finally:
    print("finally")
