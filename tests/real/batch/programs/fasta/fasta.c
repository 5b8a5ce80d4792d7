#include <stdio.h>
#include <string.h>

static const char sequence[] = "GATTACATTAGCCAGGCTAGCTTTACGGAAACCCTGATCGATTGCAC";

struct share {
    char letter;
    int percent;
};

static const struct share codes[] = {{'a', 27}, {'c', 12}, {'g', 12}, {'t', 27}, {'B', 2}, {'D', 2}, {'H', 2}, {'K', 2},
                                     {'M', 2},  {'N', 2},  {'R', 2},  {'S', 2},  {'V', 2}, {'W', 2}, {'Y', 2}};
static const struct share bases[] = {{'a', 30}, {'c', 20}, {'g', 20}, {'t', 30}};

static char repeated(const void *unused)
{
    static size_t at = 0;
    (void)unused;
    return sequence[at++ % strlen(sequence)];
}

static char drawn(const void *shares)
{
    static int seed = 42;
    seed = (seed * 1366 + 150889) % 714025;
    const struct share *share = shares;
    for (int left = seed * 100 / 714025; left >= share->percent; share++) left -= share->percent;
    return share->letter;
}

static void write(const char *title, int length, char next(const void *), const void *from)
{
    printf(">%s\n", title);
    for (int i = 1; i <= length; i++) {
        putchar(next(from));
        if (i % 60 == 0 || i == length) putchar('\n');
    }
}

int main(void)
{
    write("ONE repeated", 2000, repeated, NULL);
    write("TWO drawn from all codes", 3000, drawn, codes);
    write("THREE drawn from four bases", 5000, drawn, bases);
}
