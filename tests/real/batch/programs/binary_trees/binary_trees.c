#include <stdio.h>
#include <stdlib.h>

enum { deepest = 10 };

struct tree {
    struct tree *left, *right;
};

static struct tree *grow(int depth)
{
    struct tree *tree = calloc(1, sizeof *tree);
    if (!tree) abort();
    if (depth > 0) {
        tree->left = grow(depth - 1);
        tree->right = grow(depth - 1);
    }
    return tree;
}

static int nodes(const struct tree *tree)
{
    return tree ? 1 + nodes(tree->left) + nodes(tree->right) : 0;
}

static void fell(struct tree *tree)
{
    if (!tree) return;
    fell(tree->left);
    fell(tree->right);
    free(tree);
}

int main(void)
{
    struct tree *kept = grow(deepest);
    for (int depth = 4; depth <= deepest; depth += 2) {
        const int count = 1 << (deepest + 4 - depth);
        int total = 0;
        for (int i = 0; i < count; i++) {
            struct tree *tree = grow(depth);
            total += nodes(tree);
            fell(tree);
        }
        printf("%d trees of depth %d: %d nodes\n", count, depth, total);
    }
    printf("a tree of depth %d: %d nodes\n", deepest, nodes(kept));
    fell(kept);
}
