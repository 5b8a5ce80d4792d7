<?php
function counts(string $text, int $length): array
{
    $words = [];
    for ($i = 0; $i + $length <= strlen($text); $i++) {
        $words[] = substr($text, $i, $length);
    }
    return array_count_values($words);
}

$text = preg_replace('/^.*>THREE[^\n]*|\n/s', '', stream_get_contents(STDIN));
$text = strtoupper($text);
foreach ([1, 2] as $length) {
    $found = counts($text, $length);
    ksort($found);
    arsort($found);
    foreach ($found as $word => $count) {
        printf("%s %.3f\n", $word, 100 * $count / array_sum($found));
    }
    echo "\n";
}
foreach (["GAT", "GATT", "GATTA", "GATTACA"] as $word) {
    echo counts($text, strlen($word))[$word] ?? 0, " $word\n";
}
