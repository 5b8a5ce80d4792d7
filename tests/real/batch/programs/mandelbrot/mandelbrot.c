#include <complex.h>
#include <stdbool.h>
#include <stdio.h>

enum { n = 96 };

static bool stays(double complex c)
{
    double complex z = 0;
    for (int i = 0; i < 50; i++) {
        z = z * z + c;
        if (creal(z) * creal(z) + cimag(z) * cimag(z) > 4) return false;
    }
    return true;
}

int main(void)
{
    printf("P4\n%d %d\n", n, n);
    for (int y = 0; y < n; y++) {
        for (int x = 0; x < n; x += 8) {
            int byte = 0;
            for (int i = 0; i < 8; i++) byte = byte << 1 | stays(CMPLX(2.0 * (x + i) / n - 1.5, 2.0 * y / n - 1));
            putchar(byte);
        }
    }
}
