#include <math.h>
#include <stdio.h>

enum { n = 100 };

static double a(int i, int j)
{
    return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1);
}

static void times(const double v[n], double product[n])
{
    for (int i = 0; i < n; i++) {
        product[i] = 0;
        for (int j = 0; j < n; j++) product[i] += a(i, j) * v[j];
    }
}

static void transposed_times(const double v[n], double product[n])
{
    for (int i = 0; i < n; i++) {
        product[i] = 0;
        for (int j = 0; j < n; j++) product[i] += a(j, i) * v[j];
    }
}

static double dot(const double u[n], const double v[n])
{
    double sum = 0;
    for (int i = 0; i < n; i++) sum += u[i] * v[i];
    return sum;
}

int main(void)
{
    double u[n], v[n], between[n];
    for (int i = 0; i < n; i++) u[i] = 1;
    for (int i = 0; i < 10; i++) {
        times(u, between);
        transposed_times(between, v);
        times(v, between);
        transposed_times(between, u);
    }
    printf("%.9f\n", sqrt(dot(u, v) / dot(v, v)));
}
