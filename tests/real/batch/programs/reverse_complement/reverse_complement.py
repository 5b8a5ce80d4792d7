import sys

COMPLEMENTS = str.maketrans("ACGTBDHKMNRSVWYacgt", "TGCAVHDMKNYSBWRTGCA")

for record in sys.stdin.read().split(">")[1:]:
    title, _, text = record.partition("\n")
    text = text.replace("\n", "").translate(COMPLEMENTS)[::-1]
    print(f">{title}")
    for start in range(0, len(text), 60):
        print(text[start : start + 60])
