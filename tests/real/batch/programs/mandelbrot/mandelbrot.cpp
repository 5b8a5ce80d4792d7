#include <bitset>
#include <complex>
#include <iostream>

using Complex = std::complex<double>;
constexpr int n = 96;

bool stays(Complex c)
{
    Complex z = 0;
    for (int i = 0; i < 50; ++i) {
        z = z * z + c;
        if (std::norm(z) > 4) return false;
    }
    return true;
}

int main()
{
    std::cout << "P4\n" << n << ' ' << n << '\n';
    for (int y = 0; y < n; ++y) {
        for (int x = 0; x < n; x += 8) {
            std::bitset<8> pixels;
            for (int i = 0; i < 8; ++i) pixels[7 - i] = stays({2.0 * (x + i) / n - 1.5, 2.0 * y / n - 1});
            std::cout.put(static_cast<char>(pixels.to_ulong()));
        }
    }
}
