<?php
const N = 8;

function permutations(array $items): Generator
{
    if (!$items) {
        yield [];
    }
    foreach ($items as $i => $item) {
        $others = $items;
        unset($others[$i]);
        foreach (permutations($others) as $rest) {
            yield [$item, ...$rest];
        }
    }
}

function flips(array $cards): int
{
    for ($count = 0; ($first = $cards[0]) != 1; $count++) {
        array_splice($cards, 0, $first, array_reverse(array_slice($cards, 0, $first)));
    }
    return $count;
}

$checksum = $most = 0;
$sign = 1;
foreach (permutations(range(1, N)) as $cards) {
    $count = flips($cards);
    $most = max($most, $count);
    $checksum += $sign * $count;
    $sign = -$sign;
}
echo N, " cards: checksum $checksum, at most $most flips\n";
