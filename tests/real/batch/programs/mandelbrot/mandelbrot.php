<?php
const N = 96;

function stays(float $cr, float $ci): bool
{
    $zr = $zi = 0.0;
    for ($i = 0; $i < 50; $i++) {
        [$zr, $zi] = [$zr * $zr - $zi * $zi + $cr, 2 * $zr * $zi + $ci];
        if ($zr * $zr + $zi * $zi > 4) {
            return false;
        }
    }
    return true;
}

printf("P4\n%d %d\n", N, N);
for ($y = 0; $y < N; $y++) {
    foreach (array_chunk(range(0, N - 1), 8) as $columns) {
        $byte = 0;
        foreach ($columns as $x) {
            $byte = $byte << 1 | (int) stays(2 * $x / N - 1.5, 2 * $y / N - 1);
        }
        echo chr($byte);
    }
}
