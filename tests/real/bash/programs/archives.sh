#!/usr/bin/env bash
# A tree through every archive and compression there is, and back unchanged.
set -euo pipefail

mkdir -p tree/{deep/er,empty}
printf 'plain\n' >'tree/a file.txt'
head -c 200000 /dev/zero | tr '\0' 'x' >tree/deep/long
seq 1 5000 >tree/deep/er/numbers
ln -s '../a file.txt' tree/deep/link
chmod 0640 tree/deep/long

fingerprint() {
    (cd "$1" && find . -printf '%M %p %l\n' | sort && find . -type f -print0 | sort -z | xargs -0 sha256sum) | sha256sum
}
before=$(fingerprint tree)

for method in gzip bzip2 xz; do
    tar --"$method" -cf "tree.$method" tree
    mkdir "from_$method"
    tar -xf "tree.$method" -C "from_$method"
    [[ $(fingerprint "from_$method/tree") == "$before" ]] && echo "$method: unchanged"
done
zip -q -r -y tree.zip tree
mkdir from_zip
unzip -q tree.zip -d from_zip
[[ $(fingerprint from_zip/tree) == "$before" ]] && echo "zip: unchanged"

find tree -printf '%y\n' | sort | uniq -c
sha256sum <tree/deep/er/numbers
base64 -w 0 'tree/a file.txt' >encoded
xxd -p encoded
base64 -d encoded | cmp - 'tree/a file.txt' && file --brief --mime-type tree.gzip tree.zip tree.xz
