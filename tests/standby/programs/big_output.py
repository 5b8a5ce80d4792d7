import sys

for number in range(60000):
    print(number, "x" * 40)
sys.stderr.write("y" * 300000)
