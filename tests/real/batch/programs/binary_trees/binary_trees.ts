type Tree = { kind: "leaf" } | { kind: "branch"; left: Tree; right: Tree };

function tree(depth: number): Tree {
    return depth === 0 ? { kind: "leaf" } : { kind: "branch", left: tree(depth - 1), right: tree(depth - 1) };
}

function nodes(tree: Tree): number {
    switch (tree.kind) {
        case "leaf":
            return 1;
        case "branch":
            return 1 + nodes(tree.left) + nodes(tree.right);
    }
}

const deepest = 10;
const kept = tree(deepest);
for (let depth = 4; depth <= deepest; depth += 2) {
    const count = 1 << (deepest + 4 - depth);
    let total = 0;
    for (let i = 0; i < count; i++) total += nodes(tree(depth));
    console.log(`${count} trees of depth ${depth}: ${total} nodes`);
}
console.log(`a tree of depth ${deepest}: ${nodes(kept)} nodes`);
