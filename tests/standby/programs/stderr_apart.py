import sys

print("one")
print("two", file=sys.stderr)
sys.stdout.write("three without an end of line")
sys.stderr.write("four without an end of line")
