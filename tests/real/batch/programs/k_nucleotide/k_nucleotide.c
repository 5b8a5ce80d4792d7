#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct word {
    char text[8];
    int count;
};

static char text[65536];

static int by_count(const void *a, const void *b)
{
    const struct word *one = a, *other = b;
    return one->count != other->count ? other->count - one->count : strcmp(one->text, other->text);
}

static int times(const char *word)
{
    int count = 0;
    for (const char *at = text; (at = strstr(at, word)); at++) count++;
    return count;
}

static void print_words(int length)
{
    static const char bases[] = "ACGT";
    struct word words[16];
    const int kinds = length == 1 ? 4 : 16;
    for (int i = 0; i < kinds; i++) {
        snprintf(words[i].text, sizeof words[i].text, length == 1 ? "%c" : "%c%c", bases[i % 4], bases[i / 4]);
        words[i].count = times(words[i].text);
    }
    qsort(words, kinds, sizeof *words, by_count);
    for (int i = 0; i < kinds; i++) {
        printf("%s %.3f\n", words[i].text, 100.0 * words[i].count / (strlen(text) - length + 1));
    }
    putchar('\n');
}

int main(void)
{
    char line[256];
    size_t length = 0;
    while (fgets(line, sizeof line, stdin) && strncmp(line, ">THREE", 6)) {}
    while (fgets(line, sizeof line, stdin)) {
        for (const char *c = line; isalpha((unsigned char)*c); c++) text[length++] = toupper((unsigned char)*c);
    }
    print_words(1);
    print_words(2);
    static const char *const wanted[] = {"GAT", "GATT", "GATTA", "GATTACA"};
    for (int i = 0; i < 4; i++) printf("%d %s\n", times(wanted[i]), wanted[i]);
}
