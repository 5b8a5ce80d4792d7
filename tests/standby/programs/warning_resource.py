import sys
import warnings

warnings.simplefilter("always")
open("/dev/null")
print("invalid \d escape")
print(sys.warnoptions)
