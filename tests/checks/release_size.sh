#!/usr/bin/env bash
# The release binary stays small. Usage: release_size.sh BUILD_DIRECTORY
set -euo pipefail

most_bytes=$((16 * 1024 * 1024))
binary=$1/src/cli/sbx
stripped=$(mktemp)
trap 'rm -f "$stripped"' EXIT
strip -o "$stripped" "$binary"
bytes=$(stat --format %s "$stripped")
echo "stripped release binary: $bytes bytes, at most $most_bytes"

# Printed, not judged: a loaded machine is no fault of sbx.
begin=$(date +%s%N)
for _ in {1..20}; do "$stripped" --help >/dev/null; done
echo "sbx --help: $((($(date +%s%N) - begin) / 20000)) us"
((bytes <= most_bytes))
