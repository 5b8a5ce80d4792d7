sealed interface Tree permits Leaf, Branch {
    int nodes();

    static Tree of(int depth) {
        return depth == 0 ? new Leaf() : new Branch(of(depth - 1), of(depth - 1));
    }
}

record Leaf() implements Tree {
    public int nodes() {
        return 1;
    }
}

record Branch(Tree left, Tree right) implements Tree {
    public int nodes() {
        return 1 + left.nodes() + right.nodes();
    }
}

class BinaryTrees {
    static final int DEEPEST = 10;

    public static void main(String[] arguments) {
        Tree kept = Tree.of(DEEPEST);
        for (int depth = 4; depth <= DEEPEST; depth += 2) {
            int count = 1 << DEEPEST + 4 - depth;
            int total = 0;
            for (int i = 0; i < count; i++) total += Tree.of(depth).nodes();
            System.out.println("%d trees of depth %d: %d nodes".formatted(count, depth, total));
        }
        System.out.println("a tree of depth %d: %d nodes".formatted(DEEPEST, kept.nodes()));
    }
}
