import sys

if sys.version_info >= (3, 11):
    error = ValueError("one")
    error.add_note("a note")
    raise ExceptionGroup("several", [error, TypeError("two")])
raise ValueError("no groups here")
