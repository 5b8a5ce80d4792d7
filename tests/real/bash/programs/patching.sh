#!/usr/bin/env bash
# Text surgery: sed, diff, comm, tr, cut, fold, tac, and a difference applied by hand.
set -uo pipefail

printf 'server = old.example\nport = 80\n# comment\nname = "web"\n' >before.conf
sed -E -e 's/^(server *= *).*/\1new.example/' -e '/^#/d' -e '$a retries = 3' before.conf >after.conf
diff -u --label before --label after before.conf after.conf
echo "diff says $?"
comm -3 <(sort before.conf) <(sort after.conf) | tr '\t' '>'

text='The quick brown fox jumps over the lazy dog while seventeen wizards quietly hex a jukebox.'
fold -s -w 30 <<<"$text" | nl -w 2 -s ': '
tr -cs '[:alpha:]' '\n' <<<"$text" | tr '[:upper:]' '[:lower:]' | sort | uniq -c | sort -k1,1nr -k2 | head -n 3
rev <<<"$text" | cut -d' ' -f1 | rev
tac after.conf | head -n 1
[[ $text =~ ([a-z]+)\ fox\ ([a-z]+) ]] && echo "${BASH_REMATCH[2]} ${BASH_REMATCH[1]^^} ${#text} ${text//[^z]/}"
TZ=Asia/Tokyo date -d '2024-02-28 20:00 UTC + 1 day' '+%F %H:%M %Z' 2>/dev/null || true
date -u -d @86400 +%F
