import os
import sys

print(sys.flags.hash_randomization, sys.hash_info, hash(1.5), hash((1, 2)))
print(os.environ.get("PYTHONHASHSEED"))
print(sorted({"a", "b", "c"}))
