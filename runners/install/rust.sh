# Compiles the crates that /work/Cargo.toml or /work/requirements ask for, and notes how the compiler is told of them
# (docs/libraries.md).
set -eu
target=/opt/sbx
export HOME=/work CARGO_HOME=/work/.cargo CARGO_TARGET_DIR=$target/target
[ -z "${SBX_CERTIFICATES:-}" ] || export CARGO_HTTP_CAINFO="$SBX_CERTIFICATES" SSL_CERT_FILE="$SBX_CERTIFICATES"
mkdir -p "$CARGO_HOME" /work/src
[ "$SBX_INDEX" = https://index.crates.io ] || cat >"$CARGO_HOME/config.toml" <<TOML
[source.crates-io]
replace-with = "index"
[source.index]
registry = "sparse+${SBX_INDEX%/}/"
TOML

cd /work
[ -f Cargo.toml ] || printf '[package]\nname = "libraries"\nversion = "0.0.0"\nedition = "2021"\n' >Cargo.toml
echo 'fn main() {}' >src/main.rs
if [ -f requirements ]; then
    while read -r wanted; do
        features= version=
        case $wanted in *\[*) features=${wanted#*\[} features=${features%%\]*} ;; esac
        case $wanted in *@*) version=@${wanted#*@} ;; esac
        cargo add --quiet "${wanted%%[@[]*}$version" ${features:+--features "$features"}
    done <requirements
fi
cargo build --quiet --release
# The last compilation is of the empty program, and names them all.
touch src/main.rs
cargo build --release --verbose 2>&1 | tr ' ' '\n' |
    sed -n 's/^--extern$/--extern/p; /^[a-z0-9_]*=.*\/deps\/lib.*\.\(rlib\|so\|rmeta\)`*$/p' | tr -d '`' >/work/words
paste -d= - - </work/words >"$target/externs" || true
printf '%s\n' -L "dependency=$target/target/release/deps" >>"$target/externs"
rm -rf "$target"/target/release/.fingerprint "$target"/target/release/build "$target"/target/release/incremental
cp Cargo.lock "$target/.lock"
