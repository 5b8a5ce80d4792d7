export LC_ALL=C
cat > text
for pattern in 'agg[act]aa' 'ga(tt|cc)a' '[B-Y]{2}' 'a{5,}' '(ct){3}' 'g[BDK]t|t[VWY]g' '^[acgt]+$'; do
    echo "$pattern $(grep -oE -e "$pattern" text | wc -l)"
done
sed '/^>/d' text | tr -d '\n' > bare
sed -E 's/[B-Y]+/<&>/g' bare > marked
echo $(wc -c < text) $(wc -c < bare) $(wc -c < marked)
