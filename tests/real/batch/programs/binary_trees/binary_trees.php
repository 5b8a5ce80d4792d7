<?php
declare(strict_types=1);

final class Tree
{
    private ?Tree $left = null;
    private ?Tree $right = null;

    public function __construct(int $depth)
    {
        if ($depth > 0) {
            $this->left = new Tree($depth - 1);
            $this->right = new Tree($depth - 1);
        }
    }

    public function nodes(): int
    {
        return 1 + ($this->left?->nodes() ?? 0) + ($this->right?->nodes() ?? 0);
    }
}

const DEEPEST = 10;
$kept = new Tree(DEEPEST);
foreach (range(4, DEEPEST, 2) as $depth) {
    $count = 2 ** (DEEPEST + 4 - $depth);
    $total = 0;
    for ($i = 0; $i < $count; $i++) {
        $total += (new Tree($depth))->nodes();
    }
    echo "$count trees of depth $depth: $total nodes\n";
}
printf("a tree of depth %d: %d nodes\n", DEEPEST, $kept->nodes());
