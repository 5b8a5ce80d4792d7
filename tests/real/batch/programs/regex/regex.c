#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int count(const char *text, const char *pattern)
{
    regex_t regex;
    regmatch_t match;
    int found = 0, flags = 0;
    if (regcomp(&regex, pattern, REG_EXTENDED | REG_NEWLINE)) abort();
    for (const char *at = text; *at && regexec(&regex, at, 1, &match, flags) == 0; found++) {
        at += match.rm_eo;
        flags = at[-1] == '\n' ? 0 : REG_NOTBOL;
    }
    regfree(&regex);
    return found;
}

int main(void)
{
    static const char *const patterns[] = {"agg[act]aa", "ga(tt|cc)a",      "[B-Y]{2}", "a{5,}",
                                           "(ct){3}",    "g[BDK]t|t[VWY]g", "^[acgt]+$"};
    static char text[65536], bare[65536];
    const size_t length = fread(text, 1, sizeof text - 1, stdin);
    for (int i = 0; i < 7; i++) printf("%s %d\n", patterns[i], count(text, patterns[i]));

    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        if (*line != '>') strcat(bare, line);
    }
    printf("%zu %zu %zu\n", length, strlen(bare), strlen(bare) + 2 * count(bare, "[B-Y]+"));
}
