using System;
using System.Collections.Generic;
using System.Linq;

static class Fannkuch {
    const int Size = 8;

    static IEnumerable<int[]> Permutations(int[] items) {
        if (items.Length == 0) yield return items;
        foreach (int item in items)
            foreach (int[] rest in Permutations(items.Where(other => other != item).ToArray()))
                yield return new[] { item }.Concat(rest).ToArray();
    }

    static int Flips(int[] cards) {
        int count = 0;
        for (; cards[0] != 1; count++) Array.Reverse(cards, 0, cards[0]);
        return count;
    }

    static void Main() {
        var counts = Permutations(Enumerable.Range(1, Size).ToArray()).Select(Flips).ToList();
        int checksum = counts.Select((count, i) => i % 2 == 0 ? count : -count).Sum();
        Console.WriteLine("{0} cards: checksum {1}, at most {2} flips", Size, checksum, counts.Max());
    }
}
