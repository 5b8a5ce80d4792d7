import os

total = 0
while True:
    data = os.read(0, 65536)
    if not data:
        break
    total += len(data)
print(total)
