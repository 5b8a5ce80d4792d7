<?php
declare(strict_types=1);

final class Body
{
    /** @param float[] $position  @param float[] $velocity */
    public function __construct(public array $position, public array $velocity, public readonly float $mass) {}

    public function distance(Body $other): float
    {
        return sqrt(array_sum(array_map(fn($a, $b) => ($a - $b) ** 2, $this->position, $other->position)));
    }
}

$bodies = [
    new Body([0, 0, 0], [0, 0, 0], 40),
    new Body([5, 0, 0.2], [0, 2.8, 0], 0.04),
    new Body([0, 9, -0.5], [-2.1, 0, 0.1], 0.01),
    new Body([-13, 0.3, 0], [0, -1.7, 0.05], 0.002),
];

function pairs(array $bodies): Generator
{
    foreach ($bodies as $i => $a) {
        foreach (array_slice($bodies, $i + 1) as $b) {
            yield [$a, $b];
        }
    }
}

function energy(array $bodies): float
{
    $sum = 0.0;
    foreach ($bodies as $body) {
        $sum += 0.5 * $body->mass * array_sum(array_map(fn($v) => $v * $v, $body->velocity));
    }
    foreach (pairs($bodies) as [$a, $b]) {
        $sum -= $a->mass * $b->mass / $a->distance($b);
    }
    return $sum;
}

function advance(array $bodies, float $dt): void
{
    foreach (pairs($bodies) as [$a, $b]) {
        $pull = $dt / $a->distance($b) ** 3;
        for ($i = 0; $i < 3; $i++) {
            $d = $a->position[$i] - $b->position[$i];
            $a->velocity[$i] -= $d * $b->mass * $pull;
            $b->velocity[$i] += $d * $a->mass * $pull;
        }
    }
    foreach ($bodies as $body) {
        foreach ($body->velocity as $i => $v) {
            $body->position[$i] += $dt * $v;
        }
    }
}

printf("%.9f\n", energy($bodies));
for ($i = 0; $i < 1000; $i++) {
    advance($bodies, 0.01);
}
printf("%.9f\n", energy($bodies));
foreach ($bodies as $body) {
    vprintf("%.6f %.6f %.6f\n", $body->position);
}
