from itertools import permutations

N = 8


def flips(permutation):
    cards = list(permutation)
    count = 0
    while (first := cards[0]) != 1:
        cards[:first] = cards[first - 1 :: -1]
        count += 1
    return count


checksum = most = 0
for index, permutation in enumerate(permutations(range(1, N + 1))):
    count = flips(permutation)
    most = max(most, count)
    checksum += count if index % 2 == 0 else -count
print(f"{N} cards: checksum {checksum}, at most {most} flips")
