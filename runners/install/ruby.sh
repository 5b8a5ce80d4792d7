# Installs the gems that /work/requirements asks for (docs/libraries.md).
set -eu
target=/opt/sbx
export HOME=/work
[ -z "${SBX_CERTIFICATES:-}" ] || export SSL_CERT_FILE="$SBX_CERTIFICATES"
while read -r wanted; do
    version=
    case $wanted in *@*) version=${wanted#*@} ;; esac
    gem install --no-document --install-dir "$target" --clear-sources --source "$SBX_INDEX" \
        "${wanted%%@*}" ${version:+--version "$version"} >/dev/null
done </work/requirements
GEM_PATH=$target gem list >"$target/.lock"
