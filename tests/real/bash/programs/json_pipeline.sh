#!/usr/bin/env bash
# Orders as JSON lines in, an invoice out: jq, here-documents, printf.
set -euo pipefail

cat >orders.jsonl <<'JSON'
{"id": 7, "customer": "Ødegård", "lines": [{"sku": "bolt", "n": 12, "cents": 25}, {"sku": "gear", "n": 1, "cents": 1400}]}
{"id": 8, "customer": "Nakamura", "lines": []}
{"id": 9, "customer": "Ødegård", "lines": [{"sku": "bolt", "n": 100, "cents": 22}], "note": "tab\there, \"quotes\""}
JSON

jq -r 'select(.lines | length > 0)
       | [.id, .customer, (.lines | map(.n * .cents) | add)] | @tsv' orders.jsonl |
    while IFS=$'\t' read -r id customer cents; do
        printf '%-4s %-10s %8s\n' "#$id" "$customer" "$((cents / 100)).$(printf %02d $((cents % 100)))"
    done
jq -c -s 'group_by(.customer) | map({customer: .[0].customer, orders: map(.id), pieces: ([.[].lines[].n] | add // 0)})' \
    orders.jsonl
jq -r '.note // empty' orders.jsonl
jq '{lines: 1' orders.jsonl 2>/dev/null || echo "jq refuses a wrong filter: $?"
