<?php
const SEQUENCE = "GATTACATTAGCCAGGCTAGCTTTACGGAAACCCTGATCGATTGCAC";
const BASES = ["a" => 30, "c" => 20, "g" => 20, "t" => 30];

function random(): Generator
{
    for ($seed = 42;;) {
        $seed = ($seed * 1366 + 150889) % 714025;
        yield intdiv($seed * 100, 714025);
    }
}

function draw(Generator $random, array $percents, int $length): string
{
    $letters = implode(array_map("str_repeat", array_keys($percents), $percents));
    for ($text = ""; strlen($text) < $length; $random->next()) {
        $text .= $letters[$random->current()];
    }
    return $text;
}

function write(string $title, string $text): void
{
    echo ">$title\n", chunk_split($text, 60, "\n");
}

$codes = ["a" => 27, "c" => 12, "g" => 12, "t" => 27] + array_fill_keys(str_split("BDHKMNRSVWY"), 2);
$random = random();
write("ONE repeated", substr(str_repeat(SEQUENCE, 50), 0, 2000));
write("TWO drawn from all codes", draw($random, $codes, 3000));
write("THREE drawn from four bases", draw($random, BASES, 5000));
