#include <stdio.h>
#include <string.h>

static const char codes[] = "ACGTBDHKMNRSVWYacgt", complements[] = "TGCAVHDMKNYSBWRTGCA";

static void write_reversed(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        putchar(complements[strchr(codes, text[length - 1 - i]) - codes]);
        if (i % 60 == 59 || i == length - 1) putchar('\n');
    }
}

int main(void)
{
    static char line[256], text[65536];
    size_t length = 0;
    while (fgets(line, sizeof line, stdin)) {
        if (line[0] == '>') {
            write_reversed(text, length);
            length = 0;
            fputs(line, stdout);
            continue;
        }
        const size_t more = strcspn(line, "\n");
        memcpy(text + length, line, more);
        length += more;
    }
    write_reversed(text, length);
}
