#include <algorithm>
#include <array>
#include <iostream>
#include <numeric>

using Cards = std::array<int, 8>;

int flips(Cards cards)
{
    int count = 0;
    for (; cards.front() != 1; ++count) std::reverse(cards.begin(), cards.begin() + cards.front());
    return count;
}

int main()
{
    Cards cards;
    std::iota(cards.begin(), cards.end(), 1);
    int checksum = 0;
    int most = 0;
    int sign = 1;
    do {
        const int count = flips(cards);
        most = std::max(most, count);
        checksum += sign * count;
        sign = -sign;
    } while (std::ranges::next_permutation(cards).found);
    std::cout << cards.size() << " cards: checksum " << checksum << ", at most " << most << " flips\n";
}
