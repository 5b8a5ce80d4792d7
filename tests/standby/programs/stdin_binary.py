import hashlib
import sys

data = sys.stdin.buffer.read()
print(len(data), hashlib.sha256(data).hexdigest())
sys.stdout.flush()
sys.stdout.buffer.write(bytes(range(256)))
