import sys

N = 96


def stays(c):
    z = 0j
    for _ in range(50):
        z = z * z + c
        if z.real * z.real + z.imag * z.imag > 4:
            return False
    return True


bits = bytearray()
for y in range(N):
    for x in range(0, N, 8):
        byte = 0
        for i in range(8):
            byte = byte << 1 | stays(complex(2 * (x + i) / N - 1.5, 2 * y / N - 1))
        bits.append(byte)
sys.stdout.buffer.write(b"P4\n%d %d\n" % (N, N) + bits)
