from math import sqrt

N = 100


def a(i, j):
    return 1 / ((i + j) * (i + j + 1) // 2 + i + 1)


def times(v):
    return [sum(a(i, j) * v[j] for j in range(N)) for i in range(N)]


def transposed_times(v):
    return [sum(a(j, i) * v[j] for j in range(N)) for i in range(N)]


u = [1.0] * N
for _ in range(10):
    v = transposed_times(times(u))
    u = transposed_times(times(v))
print(f"{sqrt(sum(x * y for x, y in zip(u, v)) / sum(y * y for y in v)):.9f}")
