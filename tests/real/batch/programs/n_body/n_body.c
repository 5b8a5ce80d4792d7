#include <math.h>
#include <stdio.h>

enum { count = 4 };

struct body {
    double x[3], v[3], mass;
};

static struct body bodies[count] = {
    {{0, 0, 0}, {0, 0, 0}, 40},
    {{5, 0, 0.2}, {0, 2.8, 0}, 0.04},
    {{0, 9, -0.5}, {-2.1, 0, 0.1}, 0.01},
    {{-13, 0.3, 0}, {0, -1.7, 0.05}, 0.002},
};

static double distance(const struct body *a, const struct body *b)
{
    double sum = 0;
    for (int k = 0; k < 3; k++) sum += (a->x[k] - b->x[k]) * (a->x[k] - b->x[k]);
    return sqrt(sum);
}

static double energy(void)
{
    double sum = 0;
    for (struct body *a = bodies; a < bodies + count; a++) {
        for (int k = 0; k < 3; k++) sum += 0.5 * a->mass * a->v[k] * a->v[k];
        for (struct body *b = a + 1; b < bodies + count; b++) sum -= a->mass * b->mass / distance(a, b);
    }
    return sum;
}

static void advance(double dt)
{
    for (struct body *a = bodies; a < bodies + count; a++) {
        for (struct body *b = a + 1; b < bodies + count; b++) {
            const double pull = dt / pow(distance(a, b), 3);
            for (int k = 0; k < 3; k++) {
                const double d = a->x[k] - b->x[k];
                a->v[k] -= d * b->mass * pull;
                b->v[k] += d * a->mass * pull;
            }
        }
    }
    for (struct body *a = bodies; a < bodies + count; a++) {
        for (int k = 0; k < 3; k++) a->x[k] += dt * a->v[k];
    }
}

int main(void)
{
    printf("%.9f\n", energy());
    for (int i = 0; i < 1000; i++) advance(0.01);
    printf("%.9f\n", energy());
    for (int i = 0; i < count; i++) printf("%.6f %.6f %.6f\n", bodies[i].x[0], bodies[i].x[1], bodies[i].x[2]);
}
