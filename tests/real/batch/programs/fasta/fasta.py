SEQUENCE = "GATTACATTAGCCAGGCTAGCTTTACGGAAACCCTGATCGATTGCAC"
# What is drawn from, as often as a hundred draws should give it.
CODES = "a" * 27 + "c" * 12 + "g" * 12 + "t" * 27 + "BBDDHHKKMMNNRRSSVVWWYY"
BASES = "a" * 30 + "c" * 20 + "g" * 20 + "t" * 30

seed = 42


def draw(letters):
    global seed
    seed = (seed * 1366 + 150889) % 714025
    return letters[seed * 100 // 714025]


def write(title, text):
    print(f">{title}")
    for start in range(0, len(text), 60):
        print(text[start : start + 60])


write("ONE repeated", (SEQUENCE * 50)[:2000])
write("TWO drawn from all codes", "".join(draw(CODES) for _ in range(3000)))
write("THREE drawn from four bases", "".join(draw(BASES) for _ in range(5000)))
