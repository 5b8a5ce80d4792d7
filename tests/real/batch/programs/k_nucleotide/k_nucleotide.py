import sys
from collections import Counter


def counts(text, length):
    return Counter(text[i : i + length] for i in range(len(text) - length + 1))


text = sys.stdin.read().partition(">THREE")[2].partition("\n")[2].replace("\n", "").upper()
for length in 1, 2:
    found = counts(text, length)
    for word, count in sorted(found.items(), key=lambda item: (-item[1], item[0])):
        print(f"{word} {100 * count / found.total():.3f}")
    print()
for word in "GAT", "GATT", "GATTA", "GATTACA":
    print(f"{counts(text, len(word))[word]} {word}")
