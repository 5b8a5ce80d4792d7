#include <cmath>
#include <concepts>
#include <cstdio>
#include <numeric>
#include <vector>

using Vector = std::vector<double>;

double a(int i, int j)
{
    return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1);
}

Vector times(std::invocable<int, int> auto entry, const Vector& v)
{
    Vector product(v.size());
    for (std::size_t i = 0; i < v.size(); ++i) {
        for (std::size_t j = 0; j < v.size(); ++j) product[i] += entry(i, j) * v[j];
    }
    return product;
}

Vector both(const Vector& v)
{
    return times([](int i, int j) { return a(j, i); }, times(a, v));
}

double dot(const Vector& u, const Vector& v)
{
    return std::inner_product(u.begin(), u.end(), v.begin(), 0.0);
}

int main()
{
    Vector u(100, 1.0);
    Vector v;
    for (int i = 0; i < 10; ++i) {
        v = both(u);
        u = both(v);
    }
    std::printf("%.9f\n", std::sqrt(dot(u, v) / dot(v, v)));
}
