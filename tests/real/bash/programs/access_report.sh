#!/usr/bin/env bash
# A day's web log in, the usual questions answered: awk, sort, uniq, join, column arithmetic.
set -euo pipefail

for i in {1..400}; do
    client="10.0.$((i % 3)).$((i % 7))"
    status=$((i % 17 == 0 ? 500 : i % 5 == 0 ? 404 : 200))
    printf '%s - - [12/Mar/2024:%02d:%02d:00 +0000] "GET /page/%d HTTP/1.1" %d %d\n' \
        "$client" $((i / 60)) $((i % 60)) $((i % 9)) "$status" $((i * 37 % 5000))
done >access.log

echo "requests by status"
awk '{print $9}' access.log | sort | uniq -c | sort -rn
echo "most bytes by client"
awk '{sum[$1] += $10} END {for (c in sum) printf "%s %d\n", c, sum[c]}' access.log | sort -k2,2nr -k1,1 | head -n 3
echo "share of errors by hour"
awk -F'[: ]' '{all[$5]++; if ($12 >= 400) bad[$5]++} END {for (h in all) printf "%s %.1f%%\n", h, 100 * bad[h] / all[h]}' \
    access.log | sort
echo "pages that failed most"
join <(awk '{print $7}' access.log | sort | uniq -c | awk '{print $2, $1}' | sort) \
    <(awk '$9 == 500 {print $7}' access.log | sort | uniq -c | awk '{print $2, $1}' | sort) |
    sort -k3,3nr -k1,1 | head -n 3
