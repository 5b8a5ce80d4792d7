# An array of awk's counts the words; sort puts the most frequent first.
text=$(sed '1,/^>THREE/d' | tr -d '\n' | tr a-z A-Z)

# counts LENGTH: lines of a word and how often it stands there
counts() {
    awk -v length_of_word="$1" '{
        last = length($0) - length_of_word + 1
        for (i = 1; i <= last; i++) found[substr($0, i, length_of_word)]++
        for (word in found) print word, found[word], 100 * found[word] / last
    }' <<<"$text"
}

for length in 1 2; do
    counts "$length" | sort -k2,2nr -k1,1 | while read -r word _ share; do printf '%s %.3f\n' "$word" "$share"; done
    echo
done
for word in GAT GATT GATTA GATTACA; do
    counts "${#word}" | awk -v word="$word" '$1 == word { count = $2 } END { print count + 0, word }'
done
