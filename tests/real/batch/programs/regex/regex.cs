using System;
using System.Text.RegularExpressions;

static class Program {
    static readonly string[] patterns = {
        "agg[act]aa", "ga(tt|cc)a", "[B-Y]{2}", "a{5,}", "(ct){3}", "g[BDK]t|t[VWY]g", "^[acgt]+$",
    };

    static void Main() {
        string text = Console.In.ReadToEnd();
        foreach (string pattern in patterns)
            Console.WriteLine("{0} {1}", pattern, Regex.Matches(text, pattern, RegexOptions.Multiline).Count);
        string bare = Regex.Replace(text, ">.*\n|\n", "");
        string marked = Regex.Replace(bare, "[B-Y]+", match => "<" + match + ">");
        Console.WriteLine("{0} {1} {2}", text.Length, bare.Length, marked.Length);
    }
}
