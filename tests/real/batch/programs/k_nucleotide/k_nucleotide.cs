using System;
using System.Collections.Generic;
using System.Linq;

static class KNucleotide {
    static IEnumerable<string> Lines() {
        for (string line; (line = Console.ReadLine()) != null;) yield return line;
    }

    static Dictionary<string, int> Counts(string text, int length) {
        return (from i in Enumerable.Range(0, text.Length - length + 1)
                group i by text.Substring(i, length) into same
                select same).ToDictionary(same => same.Key, same => same.Count());
    }

    static void Main() {
        string text = string.Concat(Lines().SkipWhile(line => !line.StartsWith(">THREE")).Skip(1)).ToUpperInvariant();
        foreach (int length in new[] { 1, 2 }) {
            var found = Counts(text, length);
            double total = found.Values.Sum();
            foreach (var each in found.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal))
                Console.WriteLine("{0} {1:F3}", each.Key, 100 * each.Value / total);
            Console.WriteLine();
        }
        foreach (string word in new[] { "GAT", "GATT", "GATTA", "GATTACA" }) {
            int count;
            Counts(text, word.Length).TryGetValue(word, out count);
            Console.WriteLine("{0} {1}", count, word);
        }
    }
}
