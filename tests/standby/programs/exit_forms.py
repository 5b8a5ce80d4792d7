import sys

forms = {"text": "a message", "none": None, "true": True, "false": False, "256": 256, "-1": -1, "huge": 2**70, "float": 1.5,
         "tuple": (1, 2), "list": [], "empty": "", "unicode": "é\udcff", "bytes": b"x", "1000": 1000}
print("before")
raise SystemExit(forms[sys.argv[1]])
