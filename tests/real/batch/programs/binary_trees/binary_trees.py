DEEPEST = 10


def tree(depth):
    return (tree(depth - 1), tree(depth - 1)) if depth else (None, None)


def nodes(node):
    left, right = node
    return 1 + nodes(left) + nodes(right) if left else 1


kept = tree(DEEPEST)
for depth in range(4, DEEPEST + 1, 2):
    count = 1 << (DEEPEST + 4 - depth)
    total = sum(nodes(tree(depth)) for _ in range(count))
    print(f"{count} trees of depth {depth}: {total} nodes")
print(f"a tree of depth {DEEPEST}: {nodes(kept)} nodes")
