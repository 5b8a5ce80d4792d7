#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { n = 8 };

static void reverse(int *first, int *last)
{
    for (; first < last; first++, last--) {
        const int kept = *first;
        *first = *last;
        *last = kept;
    }
}

static bool next_permutation(int cards[n])
{
    int i = n - 2, j = n - 1;
    while (i >= 0 && cards[i] > cards[i + 1]) i--;
    if (i < 0) return false;
    while (cards[j] < cards[i]) j--;
    const int kept = cards[i];
    cards[i] = cards[j];
    cards[j] = kept;
    reverse(cards + i + 1, cards + n - 1);
    return true;
}

static int flips(const int cards[n])
{
    int copy[n], count = 0;
    for (memcpy(copy, cards, sizeof copy); copy[0] != 1; count++) reverse(copy, copy + copy[0] - 1);
    return count;
}

int main(void)
{
    int cards[n], checksum = 0, most = 0, sign = 1;
    for (int i = 0; i < n; i++) cards[i] = i + 1;
    do {
        const int count = flips(cards);
        if (count > most) most = count;
        checksum += sign * count;
        sign = -sign;
    } while (next_permutation(cards));
    printf("%d cards: checksum %d, at most %d flips\n", n, checksum, most);
}
