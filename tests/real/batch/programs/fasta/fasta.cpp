#include <algorithm>
#include <iostream>
#include <string>
#include <string_view>

const std::string sequence = "GATTACATTAGCCAGGCTAGCTTTACGGAAACCCTGATCGATTGCAC";
const std::string codes = std::string(27, 'a') + std::string(12, 'c') + std::string(12, 'g') + std::string(27, 't') +
                          "BBDDHHKKMMNNRRSSVVWWYY";
const std::string bases = std::string(30, 'a') + std::string(20, 'c') + std::string(20, 'g') + std::string(30, 't');

class Random {
   public:
    char operator()(std::string_view letters)
    {
        seed_ = (seed_ * 1366 + 150889) % 714025;
        return letters[seed_ * letters.size() / 714025];
    }

   private:
    std::size_t seed_ = 42;
};

template <class Next>
void write(std::string_view title, int length, Next next)
{
    std::string text(length, ' ');
    std::generate(text.begin(), text.end(), next);
    std::cout << '>' << title << '\n';
    for (std::string_view left = text; !left.empty(); left.remove_prefix(std::min<std::size_t>(60, left.size()))) {
        std::cout << left.substr(0, 60) << '\n';
    }
}

int main()
{
    Random random;
    write("ONE repeated", 2000, [at = 0]() mutable { return sequence[at++ % sequence.size()]; });
    write("TWO drawn from all codes", 3000, [&] { return random(codes); });
    write("THREE drawn from four bases", 5000, [&] { return random(bases); });
}
