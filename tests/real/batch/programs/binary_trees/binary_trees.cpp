#include <iostream>
#include <memory>

struct Tree {
    explicit Tree(int depth)
    {
        if (depth == 0) return;
        left = std::make_unique<Tree>(depth - 1);
        right = std::make_unique<Tree>(depth - 1);
    }

    int nodes() const { return 1 + (left ? left->nodes() + right->nodes() : 0); }

    std::unique_ptr<Tree> left;
    std::unique_ptr<Tree> right;
};

int main()
{
    constexpr int deepest = 10;
    const Tree kept(deepest);
    for (int depth = 4; depth <= deepest; depth += 2) {
        const int count = 1 << (deepest + 4 - depth);
        int total = 0;
        for (int i = 0; i < count; ++i) total += Tree(depth).nodes();
        std::cout << count << " trees of depth " << depth << ": " << total << " nodes\n";
    }
    std::cout << "a tree of depth " << deepest << ": " << kept.nodes() << " nodes\n";
}
