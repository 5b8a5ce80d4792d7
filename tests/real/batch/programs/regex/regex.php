<?php
const PATTERNS = ["agg[act]aa", "ga(tt|cc)a", "[B-Y]{2}", "a{5,}", "(ct){3}", "g[BDK]t|t[VWY]g", "^[acgt]+$"];

$text = file_get_contents("php://stdin");
foreach (PATTERNS as $pattern) {
    echo $pattern, " ", preg_match_all("/$pattern/m", $text), "\n";
}
$bare = preg_replace('/>.*\n|\n/', "", $text);
$marked = preg_replace('/[B-Y]+/', '<$0>', $bare);
echo implode(" ", array_map("strlen", [$text, $bare, $marked])), "\n";
