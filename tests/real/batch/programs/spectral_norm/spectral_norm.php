<?php
declare(strict_types=1);

const N = 100;

function a(int $i, int $j): float
{
    return 1 / (intdiv(($i + $j) * ($i + $j + 1), 2) + $i + 1);
}

function times(callable $entry, array $v): array
{
    $product = array_fill(0, N, 0.0);
    for ($i = 0; $i < N; $i++) {
        for ($j = 0; $j < N; $j++) {
            $product[$i] += $entry($i, $j) * $v[$j];
        }
    }
    return $product;
}

function both(array $v): array
{
    return times(fn(int $i, int $j) => a($j, $i), times(a(...), $v));
}

function dot(array $u, array $v): float
{
    return array_sum(array_map(fn($x, $y) => $x * $y, $u, $v));
}

$u = array_fill(0, N, 1.0);
for ($i = 0; $i < 10; $i++) {
    $v = both($u);
    $u = both($v);
}
printf("%.9f\n", sqrt(dot($u, $v) / dot($v, $v)));
