from itertools import combinations
from math import sqrt

# x, y, z, their velocities, mass
BODIES = [
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 40.0],
    [5.0, 0.0, 0.2, 0.0, 2.8, 0.0, 0.04],
    [0.0, 9.0, -0.5, -2.1, 0.0, 0.1, 0.01],
    [-13.0, 0.3, 0.0, 0.0, -1.7, 0.05, 0.002],
]


def distance(a, b):
    return sqrt(sum((a[i] - b[i]) ** 2 for i in range(3)))


def energy():
    kinetic = sum(0.5 * b[6] * (b[3] ** 2 + b[4] ** 2 + b[5] ** 2) for b in BODIES)
    return kinetic - sum(a[6] * b[6] / distance(a, b) for a, b in combinations(BODIES, 2))


def advance(dt):
    for a, b in combinations(BODIES, 2):
        pull = dt / distance(a, b) ** 3
        for i in range(3):
            d = a[i] - b[i]
            a[i + 3] -= d * b[6] * pull
            b[i + 3] += d * a[6] * pull
    for body in BODIES:
        for i in range(3):
            body[i] += dt * body[i + 3]


print(f"{energy():.9f}")
for _ in range(1000):
    advance(0.01)
print(f"{energy():.9f}")
for body in BODIES:
    print(f"{body[0]:.6f} {body[1]:.6f} {body[2]:.6f}")
