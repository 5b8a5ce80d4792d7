#include <cmath>
#include <cstdio>
#include <valarray>
#include <vector>

using Vector = std::valarray<double>;

struct Body {
    Vector position;
    Vector velocity;
    double mass;
};

double squared(const Vector& v)
{
    return (v * v).sum();
}

template <class Function>
void for_pairs(std::vector<Body>& bodies, Function function)
{
    for (auto a = bodies.begin(); a != bodies.end(); ++a) {
        for (auto b = a + 1; b != bodies.end(); ++b) function(*a, *b);
    }
}

double energy(std::vector<Body>& bodies)
{
    double sum = 0;
    for (const Body& body : bodies) sum += 0.5 * body.mass * squared(body.velocity);
    for_pairs(bodies, [&](const Body& a, const Body& b) {
        sum -= a.mass * b.mass / std::sqrt(squared(a.position - b.position));
    });
    return sum;
}

void advance(std::vector<Body>& bodies, double dt)
{
    for_pairs(bodies, [dt](Body& a, Body& b) {
        const Vector d = a.position - b.position;
        const double pull = dt / std::pow(squared(d), 1.5);
        a.velocity -= d * (b.mass * pull);
        b.velocity += d * (a.mass * pull);
    });
    for (Body& body : bodies) body.position += dt * body.velocity;
}

int main()
{
    std::vector<Body> bodies{
        {{0, 0, 0}, {0, 0, 0}, 40},
        {{5, 0, 0.2}, {0, 2.8, 0}, 0.04},
        {{0, 9, -0.5}, {-2.1, 0, 0.1}, 0.01},
        {{-13, 0.3, 0}, {0, -1.7, 0.05}, 0.002},
    };
    std::printf("%.9f\n", energy(bodies));
    for (int i = 0; i < 1000; ++i) advance(bodies, 0.01);
    std::printf("%.9f\n", energy(bodies));
    for (const Body& body : bodies) {
        std::printf("%.6f %.6f %.6f\n", body.position[0], body.position[1], body.position[2]);
    }
}
