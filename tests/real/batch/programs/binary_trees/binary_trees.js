const DEEPEST = 10;

class Tree {
    constructor(depth) {
        if (depth > 0) [this.left, this.right] = [new Tree(depth - 1), new Tree(depth - 1)];
    }

    get nodes() {
        return 1 + (this.left?.nodes ?? 0) + (this.right?.nodes ?? 0);
    }
}

const kept = new Tree(DEEPEST);
for (let depth = 4; depth <= DEEPEST; depth += 2) {
    const count = 2 ** (DEEPEST + 4 - depth);
    let total = 0;
    for (let i = 0; i < count; i++) total += new Tree(depth).nodes;
    console.log(`${count} trees of depth ${depth}: ${total} nodes`);
}
console.log(`a tree of depth ${DEEPEST}: ${kept.nodes} nodes`);
