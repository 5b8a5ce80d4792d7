# Installs the modules that /work/requirements asks for (docs/libraries.md).
set -eu
target=/opt/sbx
index=${SBX_INDEX%/}
export HOME=/work
[ -z "${SBX_CERTIFICATES:-}" ] || echo "ca_certificate = $SBX_CERTIFICATES" >/work/.wgetrc

cd /work
wget --no-verbose --output-document packages.gz "$index/modules/02packages.details.txt.gz"
gunzip packages.gz
cd "$target"
tr '\n' '\0' </work/requirements | xargs -0 cpanm --local-lib "$target" --mirror "$index" --mirror-only \
    --mirror-index /work/packages --notest --no-man-pages >/dev/null || {
    log=/work/.cpanm/build.log
    tail -n 6 "$log" >&2
    command -v gcc >/dev/null || ! grep --quiet 'gcc\|C compiler' "$log" ||
        echo "a part of it is in C, and the image has no compiler: --template ./Dockerfile" >&2
    exit 1
}
ls lib/perl5/*/.meta >.lock 2>/dev/null || true  # what Perl itself has is not installed
