import re
import sys

PATTERNS = ["agg[act]aa", "ga(tt|cc)a", "[B-Y]{2}", "a{5,}", "(ct){3}", "g[BDK]t|t[VWY]g", "^[acgt]+$"]

text = sys.stdin.read()
for pattern in PATTERNS:
    print(pattern, sum(1 for _ in re.finditer(pattern, text, re.MULTILINE)))
bare = re.sub(r">.*\n|\n", "", text)
marked = re.sub("[B-Y]+", r"<\g<0>>", bare)
print(len(text), len(bare), len(marked))
