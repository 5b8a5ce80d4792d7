using System;

class Tree {
    readonly Tree left, right;

    public Tree(int depth) {
        if (depth == 0) return;
        left = new Tree(depth - 1);
        right = new Tree(depth - 1);
    }

    public int Nodes { get { return 1 + (left?.Nodes ?? 0) + (right?.Nodes ?? 0); } }
}

static class BinaryTrees {
    const int Deepest = 10;

    static void Main() {
        var kept = new Tree(Deepest);
        for (int depth = 4; depth <= Deepest; depth += 2) {
            int count = 1 << Deepest + 4 - depth;
            int total = 0;
            for (int i = 0; i < count; i++) total += new Tree(depth).Nodes;
            Console.WriteLine($"{count} trees of depth {depth}: {total} nodes");
        }
        Console.WriteLine($"a tree of depth {Deepest}: {kept.Nodes} nodes");
    }
}
