"""Machin's formula in whole numbers: pi = 16 arctan(1/5) - 4 arctan(1/239)."""

DIGITS = 200
ONE = 10 ** (DIGITS + 10)


def arctan_of_inverse(x):
    power = ONE // x
    total = n = 0
    while power:
        total += (power if n % 2 == 0 else -power) // (2 * n + 1)
        power //= x * x
        n += 1
    return total


digits = str((16 * arctan_of_inverse(5) - 4 * arctan_of_inverse(239)) // 10**10)
for start in range(0, DIGITS, 50):
    print(digits[start : start + 50])
