while IFS= read -r -d '>' record || [[ $record ]]; do
    [[ $record ]] || continue
    echo ">${record%%$'\n'*}"
    tail -n +2 <<<"$record" | tr -d '\n' | rev | tr ACGTBDHKMNRSVWYacgt TGCAVHDMKNYSBWRTGCA | fold -w 60
    echo
done
